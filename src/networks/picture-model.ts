import { StyleError } from '../errors.js';
import { readOnnxFile } from '../graph/index.js';
import { isStyleDecoderModel } from './style-decoder-model.js';
import { isEnlargingModel } from './enlarging-model.js';
import { foreignModelOf, type ForeignModel } from './foreign-model.js';
import type { StyledModel } from './painting-style.js';
import { isStyleModel, styleModelOf, type StyleModel } from './style-model.js';

/** A network that makes pictures: ours for some styles, somebody else's, or one for any painting that was told one. */
export type PictureModel = StyleModel | ForeignModel | StyledModel;

/** Whether a network is not one of ours. */
export const isForeignModel = (model: PictureModel): model is ForeignModel => 'bytes' in model;

/** Whether a network paints in the style of a painting that it was told. */
export const isStyledModel = (model: PictureModel): model is StyledModel => 'style' in model;

/**
 * Reads a model that makes pictures: ours, or somebody else's.
 * @param name the file's name, for messages
 * @throws StyleError `E_WEIGHTS_FORMAT` for what is no whole ONNX file; otherwise as `styleModelOf` and `foreignModelOf`
 */
export function parsePictureModel(bytes: Uint8Array, name: string): StyleModel | ForeignModel {
  const file = readOnnxFile(bytes);
  if (file === undefined) {
    throw new StyleError(
      'E_WEIGHTS_FORMAT',
      `"${name}" is no ONNX file, or not a whole one.`,
      'Give a model that the training of styles made, or an ONNX file of somebody else that makes pictures.',
      { option: 'model' },
    );
  }
  if (isEnlargingModel(file)) {
    throw new StyleError(
      'E_WEIGHTS_FORMAT',
      `"${name}" makes pictures larger and repaints none.`,
      'Use it to enlarge pictures, or give a model of the training of styles.',
      { option: 'model' },
    );
  }
  if (isStyleDecoderModel(file)) {
    throw new StyleError(
      'E_WEIGHTS_FORMAT',
      `"${name}" repaints after any painting, and was told none.`,
      'Read a painting with the method style and give its file, or use the model with the method fast.',
      { option: 'model' },
    );
  }
  return isStyleModel(file) ? styleModelOf(file, name) : foreignModelOf(file, bytes, name);
}
