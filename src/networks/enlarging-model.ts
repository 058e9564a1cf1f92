import { z } from 'zod';
import { input, type OnnxFile, type Tensor } from '../graph/index.js';
import {
  enlargingNetwork,
  enlargingNetworkShapes,
  type EnlargingNetworkOptions,
} from './enlarging-network.js';

import {
  builtFor,
  constantsOf,
  describedIn,
  encodeModelFile,
  isOfKind,
  modelFileOf,
  parametersIn,
} from './model-file.js';

/** A trained network that enlarges pictures, with its numbers. */
export interface EnlargingModel {
  readonly options: EnlargingNetworkOptions;
  /** By the names of `enlargingNetworkShapes`. */
  readonly parameters: Readonly<Record<string, Float32Array>>;
  /** What the file says of where it comes from. */
  readonly metadata: Readonly<Record<string, string>>;
}

const format = 'pastiche enlarging model 1';
const schema = z.object({
  format: z.literal(format),
  factor: z.literal([2, 4]),
  width: z.int().min(1).max(1024),
  layers: z.int().min(0).max(64),
});

/** The names of the picture that goes in and of the one that comes out. */
export const enlargingInput = 'picture';
export const enlargingOutput = 'enlarged';

/** The parameters as constants of a graph. */
export const enlargingParameters = ({ options, parameters }: EnlargingModel): Record<string, Tensor> =>
  constantsOf(enlargingNetworkShapes(options), parameters);

/**
 * A model as an ONNX file with free height and width: in goes `picture` `[1, 3, H, W]`, RGB in [0, 1], and out comes `enlarged`
 * `[1, 3, factor H, factor W]`.
 */
export function encodeEnlargingModel(model: EnlargingModel): Uint8Array<ArrayBuffer> {
  const { options, metadata } = model;
  const enlarged = enlargingNetwork(input(enlargingInput, builtFor), enlargingParameters(model), options);
  const { factor, width, layers } = options;
  const description = { format, factor, width, layers };
  return encodeModelFile({ [enlargingOutput]: enlarged }, { description, metadata });
}

/** Whether an ONNX file says that it is one of ours that enlarges. */
export const isEnlargingModel = (file: OnnxFile): boolean => isOfKind(file, 'pastiche enlarging model');

/**
 * Reads a model back.
 * @param name the file's name, for messages
 * @throws StyleError `E_WEIGHTS_FORMAT` for what is no such file; `E_WEIGHTS_CONTENT` for numbers that don't fit or are not finite
 */
export function parseEnlargingModel(bytes: Uint8Array, name: string): EnlargingModel {
  const file = modelFileOf(bytes, name, isEnlargingModel, 'the training of super-resolution');
  const { description, metadata } = describedIn(file, schema, name);
  const { factor, width, layers } = description;
  const options = { factor, width, layers };
  const shapes = enlargingNetworkShapes(options);
  const parameters = parametersIn(file, shapes, name, 'the training of super-resolution');
  return { options, parameters, metadata };
}
