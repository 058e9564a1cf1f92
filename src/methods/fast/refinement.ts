import { argumentError } from '../../errors.js';
import type { Image, Size } from '../../images/image.js';
import type { AnyStyleModel } from '../../networks/any-style-model.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { MethodSubject, MethodTask } from '../method.js';
import type { OptimizedPicture } from '../optimization/walk-method.js';
import type { MethodPlan } from '../plan.js';
import { gramStylization, type StylizePictures } from '../stylize/gram-method.js';
import { resolveStylizeSettings, type StylizeSettings } from '../stylize/options.js';
import type { FastPictures } from './fast-method.js';
import type { FastSettings } from './options.js';

/** What the optimisation that follows takes. */
export function refinementPlan(
  { settings, pictures, memoryLimit }: MethodSubject<FastSettings, FastPictures>,
  model: AnyStyleModel,
  size: Size,
): MethodPlan {
  const subject = {
    settings: refinementSettings(settings, size),
    pictures: started(pictures, pictures.content),
    memoryLimit,
  };
  return gramStylization.plan(subject, perceptualOf(model));
}

/**
 * Goes on from the result of one pass with the optimisation of `stylize`'s default, at the result's size alone: its large shapes are
 * there already.
 * @param painted of the result's size
 */
export function refine(
  task: MethodTask<FastSettings, FastPictures, AnyStyleModel>,
  painted: Image,
): Promise<OptimizedPicture> {
  const { pictures, settings, weights, ...rest } = task;
  return gramStylization.run({
    ...rest,
    settings: refinementSettings(settings, painted),
    pictures: started(pictures, painted),
    weights: perceptualOf(weights),
  });
}

const started = (pictures: FastPictures, initial: Image): StylizePictures => ({ ...pictures, initial });

function refinementSettings(settings: FastSettings, { width, height }: Size): StylizeSettings {
  const { refine: steps, preserveColors, feather, styleBlend } = settings;
  const longSide = Math.max(width, height);
  const options = { scales: [longSide], iterations: [steps], preserveColors, feather };
  return resolveStylizeSettings({
    ...options,
    init: 'picture',
    ...(styleBlend === undefined ? {} : { styleBlend }),
  });
}

/** @throws StyleError `E_ARGUMENT` for a network that came without one, past any session */
function perceptualOf({ name, perceptual }: AnyStyleModel): VggWeights {
  if (perceptual !== undefined) return perceptual;
  throw argumentError(
    'refine',
    `${name} was given without a network that losses are measured with.`,
    'Leave the refinement out, or give the model a perceptual network.',
  );
}
