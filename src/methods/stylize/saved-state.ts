import { z } from 'zod';
import { StyleError } from '../../errors.js';
import type { Image } from '../../images/image.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { FloatArray, OptimizerState } from '../../optimizers/optimizer.js';
import { encodeSafetensors, parseSafetensors, type TensorToEncode } from '../../formats/safetensors.js';
import type { CurvePoint, ScaleState } from '../optimize-scale.js';
import type { TermFactors } from '../tuned-factors.js';
import type { StylizeSettings } from './options.js';
import type { StyleMask } from './regions.js';
import { canvasSize, type ScalePlan } from './scales.js';

/** Where the work stands as a whole: everything that going on needs besides pictures, network and settings. */
export interface StylizeState extends ScaleState {
  readonly scale: number;
  readonly evaluations: number;
  readonly curve: readonly CurvePoint[];
  /** Tells whether the state belongs to the work at hand. */
  readonly fingerprint: string;
  /** What the terms of the loss are multiplied by at this scale; empty unless they are tuned. */
  readonly factors: TermFactors;
}

/**
 * Settings, network and pictures in short: other ones give another text. The number of steps may change: more can be
 * asked for.
 */
export function fingerprint(
  { iterations: _, totalIterations: __, ...settings }: StylizeSettings,
  { preprocess, convolutions }: VggWeights,
  pictures: {
    readonly content: Image;
    readonly styles: readonly Image[];
    readonly mask?: Image | undefined;
    readonly contentMask?: Image | undefined;
    readonly styleMasks?: readonly StyleMask[] | undefined;
  },
): string {
  const picture = ({ width, height, rgb }: Image): string => `${width}x${height}:${checksum(rgb)}`;
  // The biases of two networks differ as much as their weights, and are few.
  const layers = [preprocess, ...Object.values(convolutions)].map(({ bias }) => checksum(bias));
  return JSON.stringify({
    settings,
    network: layers.join(','),
    content: picture(pictures.content),
    styles: pictures.styles.map(picture),
    mask: pictures.mask && picture(pictures.mask),
    contentMask: pictures.contentMask && picture(pictures.contentMask),
    styleMasks: pictures.styleMasks?.map((mask) => (typeof mask === 'string' ? mask : picture(mask))),
  });
}

/** FNV-1a over the 32-bit patterns. */
function checksum(values: Float32Array): string {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let hash = 0x811c9dc5;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193) >>> 0;
  return hash.toString(16);
}

/**
 * The state, if it belongs to this work.
 * @param mark the {@link fingerprint} of the work at hand
 * @throws StyleError `E_STATE` when pictures, network, settings or sizes are others
 */
export function checkResume(state: StylizeState, plan: ScalePlan, mark: string): StylizeState {
  const scale = plan.scales[state.scale];
  const canvas = scale === undefined ? undefined : canvasSize(scale);
  const fits = canvas !== undefined && state.variable.length === 3 * canvas.width * canvas.height;
  if (!fits || state.fingerprint !== mark) {
    throw new StyleError(
      'E_STATE',
      'The saved state belongs to other pictures, another network or other settings.',
      'Resume with the same photograph, paintings and options as before, or start anew without --resume.',
    );
  }
  return state;
}

const point = z.object({
  iteration: z.number(),
  scale: z.number(),
  elapsed: z.number(),
  total: z.number(),
  content: z.number(),
  style: z.number(),
  totalVariation: z.number(),
  histogram: z.number().optional(),
  laplacian: z.number().optional(),
});
const optimizerHeader = z.object({ name: z.string(), scalars: z.record(z.string(), z.number()) });
const header = z.object({
  format: z.literal('pastiche stylize state 1'),
  step: z.number(),
  scale: z.number(),
  evaluations: z.number(),
  curve: z.array(point),
  fingerprint: z.string(),
  factors: z.record(z.string(), z.number()).default({}),
  optimizer: optimizerHeader,
  average: optimizerHeader.optional(),
});

/** A state as the bytes of a safetensors file. */
export function encodeState(state: StylizeState): Uint8Array {
  const { variable, optimizer, average, ...rest } = state;
  const tensors: Record<string, TensorToEncode> = { variable: toTensor(variable) };
  for (const [part, own] of Object.entries({ optimizer, average })) {
    for (const [name, values] of Object.entries(own?.arrays ?? {}))
      tensors[`${part}.${name}`] = toTensor(values);
  }
  const short = (own: OptimizerState): z.infer<typeof optimizerHeader> => ({
    name: own.name,
    scalars: { ...own.scalars },
  });
  const json: z.infer<typeof header> = {
    format: 'pastiche stylize state 1',
    ...rest,
    curve: [...rest.curve],
    optimizer: short(optimizer),
    ...(average === undefined ? {} : { average: short(average) }),
  };
  return encodeSafetensors(tensors, { pastiche: JSON.stringify(json) });
}

/**
 * Reads a state back.
 * @param name the file's name, for messages
 * @throws StyleError `E_STATE` when the bytes are no state of ours; `E_WEIGHTS_FORMAT` when the file is broken
 */
export function decodeState(bytes: Uint8Array, name: string): StylizeState {
  const file = parseSafetensors(bytes, name);
  const parsed = header.safeParse(parseJson(file.metadata['pastiche']));
  if (!parsed.success) {
    throw new StyleError(
      'E_STATE',
      `'${name}' is not a state that stylize saved.`,
      'Give the file that an interrupted run named.',
    );
  }
  const { format: _, optimizer, average, ...rest } = parsed.data;
  const arrays = (part: string): Record<string, FloatArray> =>
    Object.fromEntries(
      [...file.tensors.values()]
        .filter((tensor) => tensor.name.startsWith(`${part}.`))
        .map((tensor) => [
          tensor.name.slice(part.length + 1),
          tensor.dtype === 'F64' ? tensor.float64() : tensor.float32(),
        ]),
    );
  return {
    ...rest,
    variable: file.tensor('variable').float32(),
    optimizer: { ...optimizer, arrays: arrays('optimizer') },
    average: average === undefined ? undefined : { ...average, arrays: arrays('average') },
  };
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

function toTensor(data: FloatArray): TensorToEncode {
  return { dtype: data instanceof Float64Array ? 'F64' : 'F32', shape: [data.length], data };
}
