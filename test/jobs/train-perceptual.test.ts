import { link, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trainPerceptual, type TrainPerceptualOrder } from '../../src/jobs/train-perceptual.node.js';

const elsewhere = join(tmpdir(), 'pastiche-never-written.safetensors');

describe('a training', () => {
  it.each([
    [{ options: { size: 33 } }, 'E_ARGUMENT', /size 33/],
    [{ keep: 0 }, 'E_ARGUMENT', /keep can't be 0/],
    [{ output: 'no/such/folder/out.safetensors' }, 'E_OUTPUT', /folder does not exist/],
    [
      { teacher: './teacher.safetensors', output: 'teacher.safetensors' },
      'E_ARGUMENT',
      /overwrite the teacher/,
    ],
    [{ log: elsewhere }, 'E_ARGUMENT', /overwrite another output/],
  ] as [Partial<TrainPerceptualOrder>, string, RegExp][])(
    'is refused before anything is read with %j',
    async (change, code, message) => {
      const refused = trainPerceptual({
        teacher: './none.safetensors',
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
        const order = { teacher: join(folder, 'none.h5'), images: ['none'], output: elsewhere };
        const refused = trainPerceptual({ ...order, [input]: path, [option]: other });
        await expect(refused).rejects.toMatchObject({ code: 'E_ARGUMENT', option });
      }
      expect(await readFile(path, 'utf8')).toBe('precious');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
