import { z } from 'zod';
import { StyleError } from '../../errors.js';
import { arraysOf, arrayTensors } from '../../formats/float-arrays.js';
import { encodeSafetensors, parseSafetensors } from '../../formats/safetensors.js';
import { createImage, type Image } from '../../images/image.js';
import type { Losses, TermFactors } from '../../losses/terms.js';
import type { OptimizerState } from '../../optimizers/optimizer.js';
import type { PlannedScale } from '../plan.js';
import type { OptimizationState } from './optimize-picture.js';

/** The losses before one step. */
export type CurvePoint = Losses & {
  /** From 1, over all scales. */
  readonly iteration: number;
  readonly scale: number;
  /** Milliseconds since the method began. */
  readonly elapsed: number;
};

/** What memory decides of a scale. */
export type ScaleForm = Pick<PlannedScale, 'window' | 'history' | 'compact'>;

/** How far a walk is: everything that going on needs beside pictures, network and settings. */
export interface WalkState extends OptimizationState {
  readonly scale: number;
  /** Steps done at this scale before the round that it is in. */
  readonly done: number;
  /** How each scale was computed: other windows round otherwise, and another run would not end at the same bytes. */
  readonly forms?: readonly ScaleForm[] | undefined;
  /** The picture that the round began with; undefined where the scale has no rounds. */
  readonly start: Float32Array | undefined;
  /** The pictures of the scales before. */
  readonly earlier: readonly Image[];
  /** Their losses. */
  readonly earlierLosses: readonly Losses[];
  readonly evaluations: number;
  readonly curve: readonly CurvePoint[];
  /** What the terms' weights were multiplied by, where that may change. */
  readonly factors?: TermFactors | undefined;
  /** Tells whether the state belongs to given pictures, network and settings. */
  readonly fingerprint: string;
}

const point = z
  .object({ iteration: z.number(), scale: z.number(), elapsed: z.number(), total: z.number() })
  .catchall(z.number());
const losses = z.object({ total: z.number() }).catchall(z.number());
const optimizerHeader = z.object({ name: z.string(), scalars: z.record(z.string(), z.number()) });
const format = 'pastiche state 3';
const header = z.object({
  format: z.literal(format),
  method: z.string(),
  step: z.int().min(0),
  stalled: z.boolean(),
  scale: z.int().min(0),
  done: z.int().min(0),
  forms: z
    .array(
      z.object({
        window: z.int().min(1).optional(),
        history: z.int().min(0).optional(),
        compact: z.boolean().optional(),
      }),
    )
    .readonly()
    .optional(),
  earlier: z.array(z.object({ width: z.int().min(1), height: z.int().min(1), losses })),
  evaluations: z.int().min(0),
  curve: z.array(point),
  factors: z.record(z.string(), z.number()).optional(),
  fingerprint: z.string(),
  optimizer: optimizerHeader,
  average: optimizerHeader.optional(),
});

const earlierTensor = (index: number): string => `earlier.${index}`;

/**
 * A state as the bytes of a safetensors file.
 * @param method the method's name
 */
export function encodeWalkState(method: string, state: WalkState): Uint8Array {
  const { variable, best, start, earlier, earlierLosses, optimizer, average, curve, ...rest } = state;
  const pictures = Object.fromEntries(earlier.map(({ rgb }, index) => [earlierTensor(index), rgb]));
  const tensors = {
    // JSON has no Infinity.
    ...arrayTensors({ variable, best: best.variable, bestTotal: Float64Array.of(best.total) }),
    ...arrayTensors({ ...(start && { start }), ...pictures }),
    ...arrayTensors(optimizer.arrays, 'optimizer.'),
    ...arrayTensors(average?.arrays ?? {}, 'average.'),
  };
  const headerOf = ({ name, scalars }: OptimizerState): z.infer<typeof optimizerHeader> => ({
    name,
    scalars: { ...scalars },
  });
  const json: z.infer<typeof header> = {
    ...rest,
    format,
    method,
    earlier: earlier.map(({ width, height }, index) => ({ width, height, losses: earlierLosses[index]! })),
    curve: curve.map((values) => ({ ...values })),
    optimizer: headerOf(optimizer),
    ...(average === undefined ? {} : { average: headerOf(average) }),
  };
  return encodeSafetensors(tensors, { pastiche: JSON.stringify(json) });
}

/**
 * Reads a state back.
 * @throws StyleError `E_STATE` when the bytes are no state of this method
 */
export function decodeWalkState(method: string, bytes: Uint8Array): WalkState {
  try {
    const file = parseSafetensors(bytes, 'state');
    const { method: savedBy, ...json } = readHeader(file.metadata, 'The saved state');
    if (savedBy !== method) throw stateError(`The saved state belongs to ${savedBy}, not to ${method}.`);
    if (json.earlier.length !== json.scale)
      throw new Error('There are not as many pictures as scales before.');
    const { format: _, optimizer, average, earlier, ...rest } = json;
    return {
      ...rest,
      curve: rest.curve as WalkState['curve'],
      variable: file.tensor('variable').float32(),
      best: {
        total: file.tensor('bestTotal').float64()[0]!,
        variable: file.tensor('best').float32(),
      },
      start: file.tensors.has('start') ? file.tensor('start').float32() : undefined,
      earlier: earlier.map(({ width, height }, index) =>
        createImage(width, height, file.tensor(earlierTensor(index)).float32()),
      ),
      earlierLosses: earlier.map((one) => one.losses as Losses),
      optimizer: { ...optimizer, arrays: arraysOf(file, 'optimizer.') },
      average: average === undefined ? undefined : { ...average, arrays: arraysOf(file, 'average.') },
    };
  } catch (error) {
    if (error instanceof StyleError && error.code === 'E_STATE') throw error;
    throw stateError('This is not a state that Pastiche saved.', error);
  }
}

/**
 * Checks that a file is a state, whatever it belongs to.
 * @param name the file's
 * @throws StyleError `E_STATE` when it is none
 */
export function checkStateFile(bytes: Uint8Array, name: string): void {
  try {
    readHeader(parseSafetensors(bytes, name).metadata, `"${name}"`);
  } catch (error) {
    if (error instanceof StyleError && error.code === 'E_STATE') throw error;
    throw stateError(`"${name}" is not a state that Pastiche saved.`, error);
  }
}

/**
 * The JSON of a state.
 * @param what the file, for the message
 * @throws StyleError `E_STATE` when another version saved it
 */
function readHeader(metadata: Readonly<Record<string, string>>, what: string): z.infer<typeof header> {
  const json: unknown = JSON.parse(metadata['pastiche'] ?? 'null');
  const saved = z.object({ format: z.string() }).safeParse(json).data?.format;
  if (saved !== undefined && saved !== format && /^pastiche .*\bstate \d+$/.test(saved)) {
    throw stateError(`${what} is of another version of Pastiche, whose states this one can't go on from.`);
  }
  return header.parse(json);
}

/** The error for a state that can't be resumed. */
export function stateError(sentence: string, cause?: unknown): StyleError {
  return new StyleError(
    'E_STATE',
    sentence,
    'Resume with the file that the interrupted run named, and with the same pictures and options as before; or start anew without the option resume.',
    { cause, option: 'resume' },
  );
}
