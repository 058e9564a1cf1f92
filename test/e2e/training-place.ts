import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { encodeVggWeights } from '../../src/weights/vgg-encoding.js';
import { randomTeacher, type RandomTeacher } from '../training/distillation/random-teacher.js';
import { pasticheHere } from './command-here.js';
import { makeWorkplace, pastiche, type Outcome, type RunOptions } from './command-line.js';
import { writePicture } from './pictures.js';

/** Where the tests of a file train perceptual networks: a folder with a teacher and some pictures. */
export interface TrainingPlace {
  readonly at: (...names: string[]) => string;
  /** Weights of 8, 8, 16, 8, 8 channels. */
  readonly teacher: string;
  /** Six pictures, one of them in a folder below. */
  readonly photos: readonly ['--images', string];
  /** Makes an empty folder for outputs. */
  readonly outputFolder: (name: string) => Promise<string>;
  readonly writeTeacher: (name: string, shape?: RandomTeacher) => Promise<string>;
  /** Runs `train perceptual` with the teacher, in a process of its own. */
  readonly train: (args: readonly string[], options?: RunOptions) => Promise<Outcome>;
  /** The same in this process. */
  readonly trainHere: (args: readonly string[]) => Promise<Outcome>;
}

/** Everything that decides how long a step takes, whatever the defaults are. */
export const tiny = ['--size', '32', '--batch', '2', '--statistics-batches', '2', '--threads', '1'];
/** A training of two steps in each stage. */
export const few = [...tiny, '--steps', '4', '--layerwise-share', '0.5'];

export async function makeTrainingPlace(): Promise<TrainingPlace> {
  const folder = await makeWorkplace();
  const at = (...names: string[]): string => join(folder, ...names);
  const writeTeacher = async (name: string, shape: RandomTeacher = {}): Promise<string> => {
    await writeFile(at(name), encodeVggWeights(randomTeacher(shape), { dtype: 'F32' }));
    return at(name);
  };
  const teacher = await writeTeacher('teacher.safetensors', { widths: [8, 8, 16, 8, 8] });
  const command = ['train', 'perceptual', '--teacher', teacher];
  await mkdir(at('photos', 'more'), { recursive: true });
  for (let i = 0; i < 5; i += 1) await writePicture(at('photos', `${i}.png`), 60 + 7 * i, 50 + 3 * i, i);
  await writePicture(at('photos', 'more', 'deep.jpg'), 90, 64, 9);
  return {
    at,
    teacher,
    photos: ['--images', at('photos')],
    writeTeacher,
    outputFolder: async (name) => {
      await mkdir(at(name));
      return at(name);
    },
    train: (args, options) => pastiche([...command, ...args], options),
    trainHere: (args) => pasticheHere([...command, ...args]),
  };
}

/** What every refusal has to be: code 2, one sentence, one remedy, no stack. */
export function expectRefusal(outcome: Outcome, code: string, text: RegExp): void {
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  const [first, remedy, ...rest] = outcome.stderr.split('\n').filter((line) => !line.startsWith('Warning: '));
  expect(first).toMatch(new RegExp(`^error \\[${code}\\]: `));
  expect(outcome.stderr).toMatch(text);
  expect(remedy).toMatch(/^[A-Z].*\.$/);
  expect(rest).toEqual(['']);
}

export interface Events {
  readonly events: readonly Record<string, unknown>[];
  readonly result: Record<string, unknown>;
}

/** The lines of --json; the last one is the result. */
export function eventsOf({ stdout }: Outcome): Events {
  const lines = stdout.trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { events, result: events.at(-1)! };
}

/** The files in a folder of checkpoints, the oldest first. */
export const checkpointsIn = async (path: string): Promise<string[]> => (await readdir(path)).sort();
