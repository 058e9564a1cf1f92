import { describe, expect, it } from 'vitest';
import { designStudent, styleLayers } from '../../../src/training/distillation/student-design.js';
import { randomTeacher } from './random-teacher.js';

const teacher = randomTeacher({ widths: [8, 16, 24, 16, 32] });
const names = '1_1 1_2 2_1 2_2 3_1 3_2 3_3 3_4 4_1 4_2 4_3 4_4 5_1'.split(' ').map((name) => `conv${name}`);

describe('a student', () => {
  it("has the teacher's layers up to conv5_1, and its channels where no widths are given", () => {
    const layers = designStudent(teacher);
    expect(layers.map(({ name }) => name)).toEqual(names);
    for (const { name, inputChannels, outputChannels, teacherChannels } of layers) {
      const { inputChannels: before, outputChannels: behind } = teacher.convolutions[name]!;
      expect([inputChannels, outputChannels, teacherChannels]).toEqual([before, behind, behind]);
    }
    expect(layers.filter(({ pooled }) => pooled).map(({ name }) => name)).toEqual([
      'conv2_1',
      'conv3_1',
      'conv4_1',
      'conv5_1',
    ]);
    for (const relu of styleLayers) expect(names).toContain(relu.replace('relu', 'conv'));
  });

  it('has the widths that are given, block by block', () => {
    const layers = designStudent(teacher, [8, 8, 16, 16, 24]);
    expect(layers.map(({ outputChannels }) => outputChannels)).toEqual([
      8, 8, 8, 8, 16, 16, 16, 16, 16, 16, 16, 16, 24,
    ]);
    expect(layers.map(({ inputChannels }) => inputChannels)).toEqual([
      3, 8, 8, 8, 8, 16, 16, 16, 16, 16, 16, 16, 16,
    ]);
    expect(layers.at(-1)).toMatchObject({ teacherChannels: 32, block: 5, pooled: true });
  });

  it.each([
    [[8, 8, 8, 8]],
    [[8, 8, 8, 8, 8, 8]],
    [[8, 8, 8, 8, 12]],
    [[8, 8, 8, 8, 0]],
    [[16, 16, 16, 16, 16]],
    [[8, 8, 32, 8, 8]],
    [[8, 8, NaN, 8, 8]],
  ])('can not have the widths %j', (widths) => {
    expect(() => designStudent(teacher, widths)).toThrow(
      expect.objectContaining({
        code: 'E_ARGUMENT',
        message: expect.stringContaining(widths.join(', ')) as string,
        remedy: expect.stringContaining('8, 16, 24, 16, 32') as string,
      }),
    );
  });

  it('needs a teacher with all layers up to conv5_1', () => {
    expect(designStudent(randomTeacher({ last: 'conv5_1' }))).toHaveLength(13);
    expect(() => designStudent(randomTeacher({ last: 'conv4_4' }))).toThrow(
      expect.objectContaining({ code: 'E_LAYER', message: expect.stringContaining('conv5_1') as string }),
    );
  });
});
