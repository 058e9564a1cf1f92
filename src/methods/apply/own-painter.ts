import { pictureNetworkOf, type StyleModel } from '../../networks/style-model.js';
import { modelConditions } from './model-conditions.js';
import { networkPainter } from './network-painter.js';
import type { ApplySettings } from './options.js';
import type { Painter } from './painter.js';
import { refuseOptions } from './refused-options.js';

/**
 * Paints with a model of ours that knows some styles.
 * @throws StyleError `E_ARGUMENT` for a style or weight that it doesn't have, and for options that say what it tells itself
 */
export function ownPainter(model: StyleModel, settings: ApplySettings): Painter {
  refuseOptions(
    settings,
    ['range', 'layout'],
    (option, value) =>
      `The option ${option} is ${value}, and the model is one of Pastiche, which tells that itself.`,
    'Leave it out: it is for models of other people.',
  );
  return networkPainter(pictureNetworkOf(model), modelConditions(model, settings), settings.tile);
}
