import { z } from 'zod';
import { StyleError } from '../errors.js';
import {
  constant,
  encodeOnnx,
  input,
  readOnnxFile,
  sizeOf,
  type OnnxFile,
  type Tensor,
} from '../graph/index.js';
import {
  enlargingNetwork,
  enlargingNetworkShapes,
  type EnlargingNetworkOptions,
} from './enlarging-network.js';

/** A trained network that enlarges pictures, with its numbers. */
export interface EnlargingModel {
  readonly options: EnlargingNetworkOptions;
  /** By the names of `enlargingNetworkShapes`. */
  readonly parameters: Readonly<Record<string, Float32Array>>;
  /** What the file says of where it comes from. */
  readonly metadata: Readonly<Record<string, string>>;
}

const format = 'pastiche enlarging model 1';
/** The entry of the file's metadata that describes the network. */
const entry = 'pastiche';

const description = z.object({
  format: z.literal(format),
  factor: z.literal([2, 4]),
  width: z.int().min(1).max(1024),
  layers: z.int().min(0).max(64),
});

/** The names of the picture that goes in and of the one that comes out. */
export const enlargingInput = 'picture';
export const enlargingOutput = 'enlarged';

/** Odd sides, see `OnnxOptions.freeSizes`. */
const builtFor = [1, 3, 35, 37] as const;

/** The parameters as constants of a graph. */
export const enlargingParameters = ({ options, parameters }: EnlargingModel): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(enlargingNetworkShapes(options)).map(([name, shape]) => [
      name,
      constant(parameters[name]!, shape, name),
    ]),
  );

/**
 * A model as an ONNX file with free height and width: in goes `picture` `[1, 3, H, W]`, RGB in [0, 1], and out comes `enlarged`
 * `[1, 3, factor H, factor W]`.
 */
export function encodeEnlargingModel(model: EnlargingModel): Uint8Array<ArrayBuffer> {
  const { options, metadata } = model;
  const enlarged = enlargingNetwork(input(enlargingInput, builtFor), enlargingParameters(model), options);
  const { factor, width, layers } = options;
  const written = { ...metadata, [entry]: JSON.stringify({ format, factor, width, layers }) };
  return encodeOnnx({ [enlargingOutput]: enlarged }, written, 'cpu', {
    freeSizes: true,
    foldConstants: false,
  }).bytes;
}

/** Whether an ONNX file says that it is one of ours that enlarges. */
export const isEnlargingModel = ({ metadata }: OnnxFile): boolean =>
  metadata[entry]?.includes('pastiche enlarging model') === true;

/**
 * Reads a model back.
 * @param name the file's name, for messages
 * @throws StyleError `E_WEIGHTS_FORMAT` for what is no such file; `E_WEIGHTS_CONTENT` for numbers that don't fit or are not finite
 */
export function parseEnlargingModel(bytes: Uint8Array, name: string): EnlargingModel {
  const file = readOnnxFile(bytes);
  const { [entry]: told = '', ...metadata } = file?.metadata ?? {};
  if (file === undefined || !isEnlargingModel(file)) {
    throw new StyleError(
      'E_WEIGHTS_FORMAT',
      `"${name}" is not a network that the training of super-resolution has made.`,
      'Give a whole file that it wrote.',
    );
  }
  const parsed = description.safeParse(JSON.parse(told));
  if (!parsed.success) {
    throw new StyleError(
      'E_WEIGHTS_FORMAT',
      `"${name}" is of a format that this version does not know.`,
      'Update Pastiche, or train the network again.',
    );
  }
  const { factor, width, layers } = parsed.data;
  const options = { factor, width, layers };
  const parameters: Record<string, Float32Array> = {};
  for (const [parameter, shape] of Object.entries(enlargingNetworkShapes(options))) {
    const found = file.weights[parameter];
    if (found?.values.length !== sizeOf(shape) || !found.values.every(Number.isFinite)) {
      throw new StyleError(
        'E_WEIGHTS_CONTENT',
        found === undefined
          ? `"${name}" lacks the weights "${parameter}".`
          : `The weights "${parameter}" of "${name}" don't fit the network, or are not all finite.`,
        'Use a whole file that the training of super-resolution wrote.',
      );
    }
    parameters[parameter] = found.values;
  }
  return { options, parameters, metadata };
}
