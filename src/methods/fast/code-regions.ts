import { StyleError } from '../../errors.js';
import type { Size } from '../../images/image.js';
import { checkMaskForm } from '../../images/output-mask.js';
import {
  findRegion,
  formatRegionColor,
  parseRegionColor,
  readRegionMask,
  type RegionColor,
} from '../../images/region-map.js';
import { resizePlanes } from '../../images/resize.js';
import type { FastPictures } from './fast-method.js';

/** Where a blend of paintings is painted. */
export interface CodeRegion {
  /** How much of it there is at each pixel; everywhere 1 where there are no regions. */
  readonly parts?: Float32Array;
  /** How much of each painting, parts of 1. */
  readonly weights: readonly number[];
}

/**
 * The photograph's regions, each with the paintings that are for it, by the colours of its mask.
 * @param blend the paintings' weights
 * @param size of the result
 * @throws StyleError `E_ARGUMENT` when masks are missing, a region has no painting, and for a mask of a painting: a code is of a whole
 * one; `E_IMAGE_SIZE` for a mask of other proportions than the photograph's
 */
export function codeRegions(
  { content, styles, contentMask, styleMasks = [] }: FastPictures,
  blend: readonly number[],
  size: Size,
): CodeRegion[] {
  if (contentMask === undefined && styleMasks.length === 0) return [{ weights: blend }];
  if (contentMask === undefined || styleMasks.length !== styles.length) {
    throw new StyleError(
      'E_ARGUMENT',
      `There ${contentMask === undefined ? 'is no content mask' : 'is a content mask'}, and ${styleMasks.length} style mask(s) for ${styles.length} painting(s).`,
      'Give a content mask, and for each painting the colour of its region, or all.',
    );
  }
  checkMaskForm('The content mask', contentMask, content);
  const { width, height, colors, labels } = readRegionMask(contentMask, 'The content mask');
  const chosen = styleMasks.map((mask, index) => regionOf(mask, colors, index + 1));
  return colors.map((color, region) => {
    const weights = blend.map((weight, index) =>
      chosen[index] === undefined || chosen[index] === region ? weight : 0,
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    if (sum === 0) {
      throw new StyleError(
        'E_ARGUMENT',
        `The content mask has the region ${formatRegionColor(color)}, and no painting is for it.`,
        'Name a painting for it, or one for all.',
        { option: 'styleMasks' },
      );
    }
    const plane = Float32Array.from(labels, (label) => (label === region ? 1 : 0));
    const parts = resizePlanes(plane, 1, { width, height }, size, 'bilinear');
    return { parts, weights: weights.map((weight) => weight / sum) };
  });
}

/** The region that a painting is for; undefined for all of them. */
function regionOf(
  mask: NonNullable<FastPictures['styleMasks']>[number],
  colors: readonly RegionColor[],
  number: number,
): number | undefined {
  if (mask === 'all') return undefined;
  const color = typeof mask === 'string' ? parseRegionColor(mask) : undefined;
  const region = color === undefined ? -1 : findRegion(colors, color);
  if (region >= 0) return region;
  throw new StyleError(
    'E_ARGUMENT',
    typeof mask === 'string'
      ? `Painting ${number} is for the region ${mask}, which the content mask doesn't have.`
      : `Painting ${number} has a mask, and in one pass it is seen as a whole.`,
    `Give the colour of its region, one of ${colors.map(formatRegionColor).join(', ')}, or all.`,
    { option: 'styleMasks' },
  );
}
