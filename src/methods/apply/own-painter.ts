import { StyleError } from '../../errors.js';
import type { StyleModel } from '../../networks/style-model.js';
import { modelConditions } from './model-conditions.js';
import { networkPainter } from './network-painter.js';
import type { ApplySettings } from './options.js';
import type { Painter } from './painter.js';

/**
 * Paints with a model of ours that knows some styles.
 * @throws StyleError `E_ARGUMENT` for a style or weight that it doesn't have, and for options that say what it tells itself
 */
export function ownPainter(model: StyleModel, settings: ApplySettings): Painter {
  refuseOptions(settings, ['range', 'layout'], 'is one of Pastiche, which tells that itself');
  return networkPainter(model, modelConditions(model, settings), settings.tile);
}

/**
 * @param because what the model is
 * @throws StyleError `E_ARGUMENT` for the first of some options that is given
 */
export function refuseOptions(
  settings: ApplySettings,
  options: readonly (keyof ApplySettings)[],
  because: string,
): void {
  for (const option of options) {
    if (settings[option] === undefined) continue;
    throw new StyleError(
      'E_ARGUMENT',
      `The option ${option} is ${String(settings[option])}, and the model ${because}.`,
      'Leave it out: it is for other models.',
      { option },
    );
  }
}
