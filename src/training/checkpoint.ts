import { z } from 'zod';
import { StyleError } from '../errors.js';
import { arraysOf, arrayTensors } from '../formats/float-arrays.js';
import { createImage, type Image } from '../images/image.js';
import {
  encodeSafetensors,
  parseSafetensors,
  type SafetensorsTensor,
  type TensorToEncode,
} from '../formats/safetensors.js';
import type { TrainingHistory, ValidationPicture } from './training-history.js';
import type { TrainingState, TrainingTask } from './training-task.js';

/** The state of a training, to resume it from. */
export interface TrainingCheckpoint {
  /** Kind and fingerprint of the {@link TrainingTask}. */
  readonly kind: string;
  readonly fingerprint: string;
  /** Steps done. */
  readonly step: number;
  readonly state: TrainingState;
  readonly history: TrainingHistory;
}

/** What a loop needs to resume from a checkpoint. */
export interface ResumedTraining {
  readonly startAt: number;
  readonly history: TrainingHistory;
}

const format = 'pastiche training checkpoint 1';
const numbers = z.record(z.string(), z.number());
const header = z.object({
  format: z.literal(format),
  kind: z.string(),
  fingerprint: z.string(),
  step: z.number().int().nonnegative(),
  scalars: z.array(z.string()),
  history: z.object({
    window: z.number(),
    curve: z.array(
      z.object({
        step: z.number(),
        steps: z.number(),
        total: z.number(),
        terms: numbers,
        gradientNorm: z.number(),
        milliseconds: z.number(),
        elapsed: z.number(),
      }),
    ),
    averages: z.object({ steps: z.number(), first: z.number(), recent: z.number(), smallest: z.number() }),
    validations: z.array(z.object({ step: z.number(), elapsed: z.number(), losses: numbers })),
    pictures: z.array(z.object({ step: z.number(), caption: z.string() })),
    elapsed: z.number(),
  }),
});
type Header = z.infer<typeof header>;

const arrayPrefix = 'state.';
const pictureName = (index: number): string => `picture.${index}`;

/**
 * A checkpoint as the bytes of a safetensors file: the state's numbers bit for bit (scalars as float64), the history as
 * JSON in the metadata, its pictures in 8 bits.
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import { encodeCheckpoint } from 'pastiche/training';
 *
 * const history = {
 *   window: 1,
 *   curve: [],
 *   validations: [],
 *   pictures: [],
 *   elapsed: 0,
 *   averages: { steps: 0, first: 0, recent: 0, smallest: 0 },
 * };
 * const state = { scalars: { x: 4 }, arrays: { weights: Float32Array.of(1, 2) } };
 * const bytes = encodeCheckpoint({ kind: 'parabola', fingerprint: '{}', step: 0, state, history });
 * await writeFile('begin.safetensors', bytes);
 * ```
 */
export function encodeCheckpoint({
  kind,
  fingerprint,
  step,
  state,
  history,
}: TrainingCheckpoint): Uint8Array {
  const scalars = Object.entries(state.scalars);
  const tensors: Record<string, TensorToEncode> = {
    ...arrayTensors({ scalars: Float64Array.from(scalars, ([, value]) => value) }),
    ...arrayTensors(state.arrays, arrayPrefix),
  };
  for (const [index, { image }] of history.pictures.entries()) {
    const { width, height, rgb } = image;
    const data = Uint8Array.from(rgb, (value) => Math.round(255 * value));
    tensors[pictureName(index)] = { dtype: 'U8', shape: [3, height, width], data };
  }
  const json: Header = {
    format,
    kind,
    fingerprint,
    step,
    scalars: scalars.map(([name]) => name),
    history: {
      ...history,
      curve: history.curve.map((point) => ({ ...point, terms: { ...point.terms } })),
      validations: history.validations.map((point) => ({ ...point, losses: { ...point.losses } })),
      pictures: history.pictures.map(({ step, caption }) => ({ step, caption })),
    },
  };
  return encodeSafetensors(tensors, { pastiche: JSON.stringify(json) });
}

/**
 * Reads a checkpoint back.
 * @param name the file's name, for messages
 * @throws StyleError `E_STATE` when the bytes are broken, cut off, or no checkpoint
 * @example
 * ```ts no-run
 * import { readFile } from 'node:fs/promises';
 * import { parseCheckpoint } from 'pastiche/training';
 *
 * const { kind, step } = parseCheckpoint(await readFile('step.safetensors'), 'step.safetensors');
 * console.log(kind, step);
 * ```
 */
export function parseCheckpoint(bytes: Uint8Array, name: string): TrainingCheckpoint {
  try {
    const file = parseSafetensors(bytes, name);
    const { scalars, history, ...rest } = header.parse(JSON.parse(file.metadata['pastiche'] ?? 'null'));
    const values = file.tensor('scalars').float64();
    if (values.length !== scalars.length) throw new Error(`${values.length} scalars`);
    // A task may go on writing in them.
    const arrays = Object.entries(arraysOf(file, arrayPrefix)).map(([entry, values]) => [
      entry,
      values.slice(),
    ]);
    const picture = (named: { step: number; caption: string }, index: number): ValidationPicture => ({
      ...named,
      image: asImage(file.tensor(pictureName(index))),
    });
    return {
      kind: rest.kind,
      fingerprint: rest.fingerprint,
      step: rest.step,
      state: {
        scalars: Object.fromEntries(scalars.map((scalar, index) => [scalar, values[index]!])),
        arrays: Object.fromEntries(arrays) as TrainingState['arrays'],
      },
      history: { ...history, pictures: history.pictures.map(picture) },
    };
  } catch (cause) {
    const broken = cause instanceof StyleError && cause.code === 'E_WEIGHTS_FORMAT';
    throw new StyleError(
      'E_STATE',
      broken ? cause.message : `"${name}" is not a checkpoint of a training.`,
      'Give a checkpoint that a training has saved, or start a new training.',
      { cause },
    );
  }
}

/** @throws StyleError, Error when the tensor is not a picture */
function asImage(tensor: SafetensorsTensor): Image {
  const [, height = 0, width = 0] = tensor.shape;
  return createImage(
    width,
    height,
    tensor.float32().map((value) => value / 255),
  );
}

/**
 * Restores a task from a checkpoint.
 * @returns what {@link trainingLoop} needs to resume there
 * @throws StyleError `E_STATE` when the checkpoint is of another kind of training, or of other settings
 * @example
 * ```ts
 * import { readCheckpoint, resumeFrom, trainingLoop, type TrainingTask } from 'pastiche/training';
 *
 * const goOn = async (path: string, task: TrainingTask) =>
 *   trainingLoop(task, {
 *     ...resumeFrom(await readCheckpoint(path), task),
 *     steps: 1000,
 *     validateEvery: 100,
 *     checkpointEvery: 100,
 *   });
 * ```
 */
export function resumeFrom(checkpoint: TrainingCheckpoint, task: TrainingTask): ResumedTraining {
  checkCheckpoint(checkpoint, task);
  task.restore(checkpoint.state);
  return { startAt: checkpoint.step, history: checkpoint.history };
}

/**
 * Checks that a checkpoint is of this training.
 * @throws StyleError `E_STATE` that names what differs
 * @example
 * ```ts
 * import { checkCheckpoint, readCheckpoint, type TrainingTask } from 'pastiche/training';
 *
 * const isOf = async (path: string, task: TrainingTask) => checkCheckpoint(await readCheckpoint(path), task);
 * ```
 */
export function checkCheckpoint(
  { kind, fingerprint }: Pick<TrainingCheckpoint, 'kind' | 'fingerprint'>,
  task: Pick<TrainingTask, 'kind' | 'fingerprint'>,
): void {
  if (kind !== task.kind) throw mismatch(`is of the training "${kind}", not of "${task.kind}"`);
  if (fingerprint !== task.fingerprint) throw mismatch(`has ${difference(fingerprint, task.fingerprint)}`);
}

function mismatch(what: string): StyleError {
  return new StyleError(
    'E_STATE',
    `The checkpoint ${what}.`,
    'Resume with the options of the run that saved it, or start a new training in another folder.',
  );
}

/** What differs between two fingerprints, in words. */
function difference(saved: string, current: string): string {
  const [one, other] = [entriesOf(saved), entriesOf(current)];
  if (one === undefined || other === undefined) return `the settings ${saved}, and not ${current}`;
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  const text = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));
  const differing = names.filter((name) => text(one[name]) !== text(other[name]));
  if (differing.length === 0) return 'the same settings in another order';
  return differing.map((name) => `${name} ${text(one[name])}, and not ${text(other[name])}`).join('; ');
}

function entriesOf(fingerprint: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(fingerprint));
  } catch {
    return undefined;
  }
}
