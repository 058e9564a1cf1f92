import { z } from 'zod';
import { constant, input, type OnnxFile, type Tensor } from '../graph/index.js';
import {
  conditionalNetwork,
  conditionalNetworkShapes,
  conditionInputs,
  type ConditionalNetworkOptions,
} from './conditional-network.js';

import type { PictureNetwork } from './picture-network.js';
import {
  normalizationChannels,
  normalizationSums,
  normalizedBy,
  receptiveRadius,
} from './transformation-network.js';
import {
  builtFor,
  constantsOf,
  describedIn,
  encodeModelFile,
  isOfKind,
  modelFileOf,
  parametersIn,
} from './model-file.js';

/** A trained network for some styles, with its numbers. */
export interface StyleModel {
  readonly options: ConditionalNetworkOptions;
  /** Names of the styles, in the order of their rows. */
  readonly styles: readonly string[];
  /** Names of the losses whose weights it takes, in the order of its input; none for one that can't be adjusted. */
  readonly knobs: readonly string[];
  /** By the names of `conditionalNetworkShapes`. */
  readonly parameters: Readonly<Record<string, Float32Array>>;
  /** What the file says of where it comes from. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The style that it was found by. */
  readonly chosen?: string;
}

const format = 'pastiche style model 1';
const schema = z.object({
  format: z.literal(format),
  form: z.enum(['light', 'johnson']),
  base: z.int().min(1).max(1024),
  blocks: z.int().min(1).max(64),
  styles: z.array(z.string()).min(1),
  knobs: z.array(z.string()),
});

/** The names of the picture that goes in and of the one that comes out. */
export const modelInput = 'picture';
export const modelOutput = 'painted';

/** The parameters as constants of a graph. */
export const modelParameters = ({ options, parameters }: StyleModel): Record<string, Tensor> =>
  constantsOf(conditionalNetworkShapes(options), parameters);

/** A model as what is applied part by part; its conditions are inputs by the names of `conditionInputs`. */
export function pictureNetworkOf(model: StyleModel): PictureNetwork {
  const { options } = model;
  return {
    key: `${options.form ?? 'johnson'} network`,
    stages: Object.keys(normalizationChannels(options)),
    radius: receptiveRadius(options),
    paint: (picture, statistics) =>
      conditionalNetwork(
        picture,
        modelParameters(model),
        conditionInputs(options, 1),
        options,
        statistics && ((map, stage, scale, shift) => normalizedBy(statistics(map, stage), map, scale, shift)),
      ),
    sums: normalizationSums,
  };
}

/**
 * A model as an ONNX file with free height and width: `picture` `[1, 3, H, W]`, RGB in [0, 1], and, with more styles than one, `styles`
 * `[1, styles]`, parts of 1; with knobs, `weights` `[1, knobs]`, 1 each for the default; out comes `painted`.
 */
export function encodeStyleModel(model: StyleModel): Uint8Array<ArrayBuffer> {
  const { options, styles, knobs, metadata } = model;
  const inputs = conditionInputs(options, 1);
  const conditions = { ...inputs, style: options.styles === 1 ? constant([1], [1, 1]) : inputs.style };
  const painted = conditionalNetwork(
    input(modelInput, builtFor),
    modelParameters(model),
    conditions,
    options,
  );
  const { form = 'johnson', base, blocks } = options;
  const description = { format, form, base, blocks, styles, knobs };
  return encodeModelFile({ [modelOutput]: painted }, { description, metadata });
}

/** Whether an ONNX file says that it is one of ours. */
export const isStyleModel = (file: OnnxFile): boolean => isOfKind(file, 'pastiche style model');

/**
 * Reads a model of ours back.
 * @param name the file's name, for messages
 * @throws StyleError `E_WEIGHTS_FORMAT` for what is no such file; `E_WEIGHTS_CONTENT` for numbers that don't fit or are not finite
 */
export function parseStyleModel(bytes: Uint8Array, name: string): StyleModel {
  const file = modelFileOf(bytes, name, isStyleModel, 'the training of styles');
  return styleModelOf(file, name);
}

/** A model of ours in a file that says so. @throws StyleError as {@link parseStyleModel} */
export function styleModelOf(file: OnnxFile, name: string): StyleModel {
  const { description, metadata } = describedIn(file, schema, name);
  const { form, base, blocks, styles, knobs } = description;
  const options = { form, base, blocks, styles: styles.length, knobs: knobs.length };
  const shapes = conditionalNetworkShapes(options);
  const parameters = parametersIn(file, shapes, name, 'the training of styles');
  return { options, styles, knobs, parameters, metadata };
}
