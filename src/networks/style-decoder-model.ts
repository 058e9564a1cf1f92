import { z } from 'zod';
import { input, type OnnxFile, type Tensor } from '../graph/index.js';
import type { AnyStyleModel } from './any-style-model.js';
import { fingerprintOf } from './fingerprint.js';
import {
  builtFor,
  constantsOf,
  describedIn,
  encodeModelFile,
  isOfKind,
  modelFileOf,
  parametersIn,
} from './model-file.js';
import { productSums, whitenAndColor } from './whitening-coloring.js';
import {
  codeLength,
  coloredMaps,
  decoderRadius,
  styleCode,
  styleDecoder,
  styleDecoderShapes,
  type StyleDecoderOptions,
} from './style-decoder.js';

/** A trained network for any painting, with its numbers. */
export interface StyleDecoderModel {
  readonly options: StyleDecoderOptions;
  /** By the names of `styleDecoderShapes`. */
  readonly parameters: Readonly<Record<string, Float32Array>>;
  /** What the file says of where it comes from. */
  readonly metadata: Readonly<Record<string, string>>;
}

const format = 'pastiche any-style model 1';
const channels = z.int().min(1).max(1024);
const schema = z.object({
  format: z.literal(format),
  channels: z.tuple([channels, channels, channels, channels]),
  blocks: z.int().min(0).max(64),
});

/** The names of the picture that goes in, of the code beside it and of the picture that comes out. */
export const decoderInput = 'picture';
export const decoderCode = 'code';
export const decoderOutput = 'painted';

/** The longer side of paintings in the training. */
const styleSide = 512;

const parametersOf = ({ options, parameters }: StyleDecoderModel): Record<string, Tensor> =>
  constantsOf(styleDecoderShapes(options), parameters);

/**
 * A model as an ONNX file with free height and width: in go `picture` `[1, 3, H, W]`, RGB in [0, 1], and `code` `[1, codeLength]`; out
 * comes `painted`.
 */
export function encodeStyleDecoderModel(model: StyleDecoderModel): Uint8Array<ArrayBuffer> {
  const { options, metadata } = model;
  const code = input(decoderCode, [1, codeLength(options)]);
  const painted = styleDecoder(input(decoderInput, builtFor), parametersOf(model), code, options);
  return encodeModelFile({ [decoderOutput]: painted }, { description: { format, ...options }, metadata });
}

/** Whether an ONNX file says that it is one of ours for any painting. */
export const isStyleDecoderModel = (file: OnnxFile): boolean => isOfKind(file, 'pastiche any-style model');

/**
 * Reads a model back.
 * @param name the file's name, for messages
 * @throws StyleError `E_WEIGHTS_FORMAT` for what is no such file; `E_WEIGHTS_CONTENT` for numbers that don't fit or are not finite
 */
export function parseStyleDecoderModel(bytes: Uint8Array, name: string): StyleDecoderModel {
  const file = modelFileOf(bytes, name, isStyleDecoderModel, 'the training of any style', 'model');
  const { description, metadata } = describedIn(file, schema, name);
  const options = { channels: description.channels, blocks: description.blocks };
  const parameters = parametersIn(file, styleDecoderShapes(options), name, 'the training of any style');
  return { options, parameters, metadata };
}

/** A network of the training of any style, as what repaints pictures. */
export function anyStyleModelOf(name: string, model: StyleDecoderModel): AnyStyleModel {
  const { options } = model;
  return {
    name,
    fingerprint() {
      const names = Object.keys(model.parameters).sort();
      return fingerprintOf(names.map((key) => model.parameters[key]!));
    },
    codeLength: codeLength(options),
    styleSize: { side: styleSide, square: false },
    code: (painting) => styleCode(painting, parametersOf(model), options),
    paint: (picture, code) => styleDecoder(picture, parametersOf(model), code, options),
    network: {
      key: 'style decoder',
      stages: coloredMaps,
      radius: decoderRadius(options),
      paint: (picture, statistics) =>
        styleDecoder(
          picture,
          parametersOf(model),
          input(decoderCode, [1, codeLength(options)]),
          options,
          statistics && ((map, name, wanted) => whitenAndColor(map, wanted, statistics(map, name))),
        ),
      sums: productSums,
    },
  };
}
