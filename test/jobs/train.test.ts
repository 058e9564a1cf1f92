import { link, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { train, type TrainingOrder } from '../../src/jobs/train.node.js';

const elsewhere = join(tmpdir(), 'pastiche-never-written.safetensors');

describe('a training', () => {
  it.each([
    [{ options: { size: 33 } }, 'E_ARGUMENT', /size 33/],
    [{ keep: 0 }, 'E_ARGUMENT', /keep can't be 0/],
    [{ output: 'no/such/folder/out.safetensors' }, 'E_OUTPUT', /folder does not exist/],
    [
      { inputs: { teacher: './teacher.safetensors' }, output: 'teacher.safetensors' },
      'E_ARGUMENT',
      /is the teacher and would be overwritten/,
    ],
    [{ log: elsewhere }, 'E_ARGUMENT', /Two results would go into the same file/],
  ] as [Partial<TrainingOrder>, string, RegExp][])(
    'is refused before anything is read with %j',
    async (change, code, message) => {
      const refused = train('perceptual', {
        inputs: { teacher: './none.safetensors' },
        images: ['none'],
        output: elsewhere,
        ...change,
      });
      await expect(refused).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message) as string,
      });
    },
  );

  it.each(['teacher', 'heldOut', 'exclude'])('overwrites no %s, by whatever name', async (input) => {
    const folder = await mkdtemp(join(tmpdir(), 'pastiche-train-'));
    const [path, other] = [join(folder, 'input.safetensors'), join(folder, 'link.safetensors')];
    await writeFile(path, 'precious');
    await link(path, other);
    try {
      for (const option of ['output', 'report', 'log']) {
        const teacher = input === 'teacher' ? path : join(folder, 'none.h5');
        const lists = input === 'teacher' ? {} : { [input]: path };
        const order = { inputs: { teacher }, images: ['none'], output: elsewhere, ...lists };
        const refused = train('perceptual', { ...order, [option]: other });
        await expect(refused).rejects.toMatchObject({ code: 'E_ARGUMENT', option });
      }
      expect(await readFile(path, 'utf8')).toBe('precious');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
