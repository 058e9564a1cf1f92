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
});
