import { StyleError } from '../errors.js';
import type { OnnxFile, OnnxValue, PictureAxes, PictureSides } from '../graph/index.js';

/** Somebody else's network that makes a picture from a picture, as it is in its ONNX file. */
export interface ForeignModel {
  /** The file's name. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly file: OnnxFile;
  readonly input: ForeignPicture;
  readonly output: ForeignPicture;
}

/** What a file says of a picture that goes in or comes out. */
export interface ForeignPicture {
  readonly name: string;
  /** Where the colours are; undefined where the file doesn't say. */
  readonly channelsLast: boolean | undefined;
  /** Sides that are fixed; undefined for those that are open. */
  readonly height: number | undefined;
  readonly width: number | undefined;
}

/** ONNX's number for float32. */
const float32 = 1;

/** How many batches, channels, rows or columns an axis has, or that it is open. */
type Length = OnnxValue['shape'][number];

/**
 * A model of somebody else's, by what its file says of itself.
 * @param name the file's name, for messages
 * @throws StyleError `E_WEIGHTS_FORMAT` for one whose weights are elsewhere; `E_WEIGHTS_CONTENT` for one that takes or gives
 * something other than a picture
 */
export function foreignModelOf(file: OnnxFile, bytes: Uint8Array, name: string): ForeignModel {
  if (file.isPartial) {
    throw new StyleError(
      'E_WEIGHTS_FORMAT',
      `"${name}" has only a part of the model: its weights are in a file beside it.`,
      'Save the model as one file, with its weights inside.',
    );
  }
  const [input, ...more] = file.inputs;
  const [output] = file.outputs;
  if (input === undefined || more.length > 0) {
    const names = file.inputs.map((one) => `"${one.name}"`).join(', ');
    throw noPicture(name, input === undefined ? 'it takes nothing' : `it takes several things: ${names}`);
  }
  if (output === undefined) throw noPicture(name, 'it gives nothing');
  return {
    name,
    bytes,
    file,
    input: pictureOf(input, 'takes', name),
    output: pictureOf(output, 'gives', name),
  };
}

const noPicture = (name: string, reason: string): StyleError =>
  new StyleError(
    'E_WEIGHTS_CONTENT',
    `"${name}" is no network that makes a picture from a picture: ${reason}.`,
    'Give a model that takes one picture of three channels in float32 and gives one.',
  );

function pictureOf({ name, elementType, shape }: OnnxValue, doing: string, file: string): ForeignPicture {
  const described = `it ${doing} "${name}"`;
  if (elementType !== float32) throw noPicture(file, `${described}, which is not in float32`);
  // Some exporters leave out what shape a result has.
  if (shape.length === 0 && doing === 'gives') {
    return { name, channelsLast: undefined, height: undefined, width: undefined };
  }
  const shown = `[${shape.map((length) => length ?? '?').join(', ')}]`;
  if (shape.length !== 4)
    throw noPicture(file, `${described} of shape ${shown}, and a picture has four axes`);
  const [, second, third, last] = shape as readonly [Length, Length, Length, Length];
  const isOpen = (length: Length): boolean => typeof length !== 'number';
  if (second !== 3 && last !== 3 && !isOpen(second))
    throw noPicture(file, `${described} of shape ${shown}, and a picture has three channels`);
  const channelsLast = second === 3 ? false : last === 3 ? true : isOpen(last) ? undefined : false;
  const [height, width] = channelsLast === true ? [second, third] : [third, last];
  const fixed = (length: Length): number | undefined => (typeof length === 'number' ? length : undefined);
  return { name, channelsLast, height: fixed(height), width: fixed(width) };
}

/** The size that a model is for, where it has a fixed one. */
export const fixedSize = ({ input: { height, width } }: ForeignModel): PictureSides | undefined =>
  height === undefined || width === undefined ? undefined : { height, width };

/**
 * Where the colours of what goes in and comes out are: as it was told, as the file says, or as it turns its input round first.
 * @param told undefined where nobody says
 */
export function pictureAxes(
  { input, output, file }: ForeignModel,
  told: boolean | undefined,
): { readonly input: PictureAxes; readonly output: PictureAxes } {
  const first = file.nodes.find(({ inputs }) => inputs.includes(input.name));
  const taken = told ?? input.channelsLast ?? first?.type === 'Transpose';
  const given = told ?? output.channelsLast ?? taken;
  return {
    input: { name: input.name, channelsLast: taken },
    output: { name: output.name, channelsLast: given },
  };
}
