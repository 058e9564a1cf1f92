import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trainCommand } from '../../src/cli/commands/train.js';
import {
  trainPerceptual,
  trainPerceptualCommand,
  type TrainPerceptualOrder,
} from '../../src/jobs/train-perceptual.node.js';
import { withoutShell } from '../platform.js';

const order: TrainPerceptualOrder = {
  teacher: 'vgg19',
  images: ["it's/here", 'photos and more'],
  output: 'small.safetensors',
  options: { widths: [16, 24, 32, 48, 64], padding: 'reflect', seed: 0, momentum: 0 },
  ...{ heldOut: 'held.txt', exclude: 'not these.txt', checkpoints: 'steps', keep: 2, resume: true },
  ...{ checkpointEvery: 10, validateEvery: 5, report: 'page.html', log: 'log.json', threads: 2 },
  signal: new AbortController().signal,
  onProgress: () => undefined,
};

describe('the command of a training', () => {
  it.skipIf(withoutShell)('gives a shell the arguments that the order came from', () => {
    const line = trainPerceptualCommand(order);
    const script = `pastiche() { for arg in "$@"; do printf '%s\\n' "$arg"; done; }; ${line}`;
    const words = execFileSync('sh', ['-c', script]).toString().trimEnd().split('\n');
    expect(words.slice(0, 7)).toEqual([
      'train',
      'perceptual',
      '--teacher',
      'vgg19',
      '--images',
      "it's/here",
      'photos and more',
    ]);
    const [perceptual] = trainCommand().commands;
    expect(perceptual!.exitOverride().parseOptions(words.slice(2))).toEqual({ operands: [], unknown: [] });
    expect(perceptual!.opts()).toEqual({
      ...{ teacher: 'vgg19', images: order.images, output: order.output },
      ...order.options,
      ...{ heldOut: 'held.txt', exclude: 'not these.txt', checkpoints: 'steps', keep: 2, resume: true },
      ...{ checkpointEvery: 10, validateEvery: 5, report: 'page.html', log: 'log.json', threads: 2 },
    });
  });

  it('leaves out what was not given', () => {
    const { teacher, images, output } = order;
    expect(trainPerceptualCommand({ teacher, images: ['a'], output, resume: false })).toBe(
      'pastiche train perceptual --teacher vgg19 --images a -o small.safetensors',
    );
    expect(images).toHaveLength(2);
  });
});

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
