import { StyleError } from '../../errors.js';
import type { Image, Size } from '../../images/image.js';
import { paintedParts } from '../../images/output-mask.js';
import { isForeignModel, isStyledModel, type PictureModel } from '../../networks/picture-model.js';
import { chosenStyles } from './model-conditions.js';
import type { ApplySettings } from './options.js';

/** A style, and how much of it there is at each pixel: parts of 1. */
interface StyleRegion {
  readonly name: string;
  readonly parts: Float32Array;
}

/** Where no mask is white, all styles share a pixel by their weights; this little of each is everywhere. */
const everywhere = 1e-6;

/**
 * How much of each style there is at each pixel: its weight times its mask, shared out to 1.
 * @throws StyleError `E_ARGUMENT` where there are not as many masks as styles; `E_IMAGE_SIZE` for one of other proportions
 */
export function regionsOf(
  model: PictureModel,
  settings: ApplySettings,
  masks: readonly Image[],
  { width, height }: Size,
): StyleRegion[] {
  if (isForeignModel(model) || isStyledModel(model)) {
    throw new StyleError(
      'E_ARGUMENT',
      'The model has no styles that masks could be of.',
      'Leave the masks of styles out, or take a model of the training of styles.',
      { option: 'styleMasks' },
    );
  }
  const styles = chosenStyles(model, settings);
  if (styles.length !== masks.length) {
    throw new StyleError(
      'E_ARGUMENT',
      `There are ${masks.length} masks of styles, and ${styles.length} styles.`,
      'Name as many styles as there are masks, in the same order.',
      { option: 'style' },
    );
  }
  const regions = styles.map(({ name, part }, index) => ({
    name,
    parts: paintedParts(masks[index]!, width, height, settings.feather).map(
      (value) => part * (value + everywhere),
    ),
  }));
  for (let i = 0; i < width * height; i += 1) {
    const sum = regions.reduce((total, { parts }) => total + parts[i]!, 0);
    for (const { parts } of regions) parts[i]! /= sum;
  }
  return regions;
}
