import { argumentError } from '../../errors.js';
import { input, type NamedTensors } from '../../graph/index.js';
import type { Size } from '../../images/image.js';
import type { AnyStyleModel } from '../../networks/any-style-model.js';
import { decoderCode } from '../../networks/style-decoder-model.js';
import type { StyledModel } from '../../networks/painting-style.js';
import { modelInput, modelOutput } from '../../networks/style-model.js';
import { networkPainter } from './network-painter.js';
import type { ApplySettings } from './options.js';
import type { Painter } from './painter.js';
import { refuseOptions } from './refused-options.js';
import { wholePainter } from './whole-painter.js';

/**
 * Paints in the style of a painting.
 * @throws StyleError `E_ARGUMENT` for options that are for models with styles of their own, and those of `anyStylePainter`
 */
export function styledPainter({ style, model }: StyledModel, settings: ApplySettings): Painter {
  refuseOptions(
    settings,
    ['style', 'layerWeights', 'seed', 'range', 'layout'],
    (option, value) =>
      `The option ${option} is ${value}, and the model paints in the style of ${style.name}.`,
    'Leave it out: it is for other models.',
  );
  return anyStylePainter(model, style.code, settings.tile);
}

/**
 * Paints with the code of a painting.
 * @param tile side of the tiles; chosen by the picture's size unless given
 * @throws StyleError `E_ARGUMENT` for tiles with a network that has to see the whole picture
 */
export function anyStylePainter(model: AnyStyleModel, code: Float32Array, tile?: number): Painter {
  const { network } = model;
  if (network !== undefined) return networkPainter(network, { [decoderCode]: code }, tile);
  if (tile !== undefined) {
    throw argumentError(
      'tile',
      `The tiles are of ${tile} pixels, and ${model.name} sees a picture as a whole.`,
      'Leave it out, make the picture smaller, or take a network of Pastiche.',
    );
  }
  const graph = ({ width, height }: Size): NamedTensors => {
    const picture = input(modelInput, [1, 3, height, width]);
    return { [modelOutput]: model.paint(picture, input(decoderCode, [1, model.codeLength])) };
  };
  return wholePainter(model.name, graph, { [decoderCode]: code });
}
