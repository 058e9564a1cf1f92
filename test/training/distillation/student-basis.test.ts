import { describe, expect, it } from 'vitest';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { studentParameterShapes } from '../../../src/training/distillation/distillation-graph.js';
import {
  resolvePerceptualSettings,
  type PerceptualOptions,
} from '../../../src/training/distillation/perceptual-settings.js';
import { measureBasis } from '../../../src/training/distillation/student-basis.js';
import { designStudent } from '../../../src/training/distillation/student-design.js';
import { ParameterSet } from '../../../src/training/parameter-set.js';
import { Grid } from '../../graph/grid.js';
import { convolve, referenceFeatures } from '../../networks/reference-vgg.js';
import { plainConvolution, randomPictures } from './plain-distillation.js';
import { randomTeacher } from './random-teacher.js';

const runtime = createNativeRuntime({ threads: 1, keepMemory: false });
const teacher = randomTeacher({ widths: [16, 8, 8, 8, 8] });
const layers = designStudent(teacher, [8, 8, 8, 8, 8]);
const size = 32;

async function measure(options: PerceptualOptions) {
  const settings = resolvePerceptualSettings({
    size,
    batch: 1,
    statisticsBatches: 2,
    padding: 'zero',
    damping: 1e-3,
    steps: 4,
    seed: 0,
    ...options,
  });
  const parameters = new ParameterSet(studentParameterShapes(layers));
  const taken: Float32Array[] = [];
  const next = () => {
    // The same two pictures for both passes.
    const values = randomPictures(1, size, taken.length % 2);
    taken.push(values);
    return Promise.resolve({ index: taken.length - 1, values });
  };
  const teaching = { teacher, layers, padding: 'zero' as const };
  return {
    basis: await measureBasis([runtime], teaching, { next }, settings, parameters),
    parameters,
    taken,
  };
}

const features = [0, 1].map((seed) =>
  referenceFeatures(new Grid([3, size, size], randomPictures(1, size, seed)), teacher, 'max', 'zero'),
);
/** The mean square of some channels of the teacher over both pictures. */
const meanSquare = (relu: string, channels: readonly number[]): number => {
  const squares = features.flatMap((maps) => {
    const map = maps[relu]!;
    const places = map.data.length / map.shape[0]!;
    return channels.flatMap((c) => Array.from({ length: places }, (_, i) => map.data[c * places + i]! ** 2));
  });
  return squares.reduce((sum, value) => sum + value, 0) / squares.length;
};

describe('the basis of a student', () => {
  it('keeps as many channels as the student has, and knows how large the teacher’s are', async () => {
    const { basis, taken } = await measure({ layerwiseShare: 1 });
    expect(taken).toHaveLength(4);
    for (const { name, outputChannels, teacherChannels } of layers) {
      const kept = basis.kept[name]!;
      expect(new Set(kept).size).toBe(outputChannels);
      if (outputChannels === teacherChannels) expect(kept).toEqual(kept.map((_, i) => i));
      const expected = meanSquare(name.replace('conv', 'relu'), kept);
      expect(basis.meanSquares[name]! / expected, name).toBeCloseTo(1, 4);
    }
  });

  it('makes a student that is taught as a whole about as large as the teacher from the first step on', async () => {
    const { basis, parameters } = await measure({ layerwiseShare: 0 });
    const student = { layers, values: parameters.values(), bases: basis.bases };
    // The first layer sees the same as the teacher's.
    const convolution = plainConvolution(student, layers[0]!);
    const squares = [0, 1].flatMap((seed) => {
      const picture = new Grid([3, size, size], randomPictures(1, size, seed));
      return Array.from(
        convolve(convolve(picture, teacher.preprocess, 'zero'), convolution, 'zero').data,
        (x) => x * x,
      );
    });
    const mean = squares.reduce((sum, value) => sum + value, 0) / squares.length;
    // Twice the teacher's behind the ReLU, which takes half away; the damping is in it.
    expect(mean / basis.meanSquares['conv1_1']! / 2).toBeGreaterThan(0.9);
    expect(mean / basis.meanSquares['conv1_1']! / 2).toBeLessThan(1.1);
    for (const { name } of layers) expect(parameters.view(name).some((value) => value !== 0)).toBe(true);
    expect((await measure({ layerwiseShare: 0 })).parameters.flat).toEqual(parameters.flat);
    expect((await measure({ layerwiseShare: 0, seed: 1 })).parameters.flat).not.toEqual(parameters.flat);
    // A share that comes to no step is no share.
    const { parameters: tiny } = await measure({ layerwiseShare: 0.01 });
    expect(tiny.flat).toEqual(parameters.flat);
  });
});
