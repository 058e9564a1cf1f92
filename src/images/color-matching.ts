import { z } from 'zod';
import { StyleError } from '../errors.js';
import { RankTarget } from '../ranks/rank-matching.js';
import { affineColorMap, colorMoments, mapColors, spreadFactor, type ColorMoments } from './affine-colors.js';
import { createImage, type Image } from './image.js';
import { lumaWeights, roomFor } from './luminance.js';

/** How colours are matched, and the one place of its defaults. */
export const colorMatchingOptionsSchema = z.strictObject({
  mode: z
    .enum(['affine', 'histogram', 'luminance'])
    .default('affine')
    .describe(
      'what is matched: mean and covariance of the colours (affine), the histogram of each channel (histogram), or ' +
        'mean and spread of the brightness only (luminance)',
    ),
  affineForm: z
    .enum(['monge-kantorovich', 'symmetric', 'cholesky'])
    .default('monge-kantorovich')
    .describe('which affine map'),
  strength: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('how much of the change is made, from 0, none, to 1, all'),
});

/** Options of {@link matchColors}; all have defaults. */
export type ColorMatchingOptions = z.input<typeof colorMatchingOptionsSchema>;
/** The same with all defaults filled in. */
export type ColorMatchingSettings = z.output<typeof colorMatchingOptionsSchema>;

/**
 * One picture with another's colours.
 * - `affine`: mean and full covariance of the colours become the reference's, as Gatys et al. 2016b do with the painting
 *   before they stylise (`x' = A x + b`); see `AffineForm` for which A. Related colours stay related.
 * - `histogram`: each channel gets the reference's exact distribution. Equal values stay equal.
 * - `luminance`: mean and standard deviation of the luminance Y become the reference's, the colours' I and Q stay (Gatys et
 *   al. 2016b, after Hertzmann et al. 2001). In YIQ, which is linear in the encoded RGB, that is adding the same
 *   number to R, G and B, so that only brightness changes; a colour that would leave the range is moved towards the grey of
 *   its brightness, which keeps brightness and hue.
 *
 * Fully transparent pixels have no colour: they count in neither picture and are not changed.
 * @returns a picture of `picture`'s size, with its transparency
 * @throws StyleError `E_ARGUMENT` for invalid options, or a reference without a visible pixel; `E_NUMERIC` when a
 * colour isn't finite
 * @example
 * ```ts
 * import { readImage, writeImage } from 'pastiche';
 * import { transferColors } from 'pastiche/engine';
 *
 * const [photo, painting] = [await readImage('photo.jpg'), await readImage('painting.jpg')];
 * await writeImage('out.png', transferColors(photo, painting, { mode: 'histogram' }));
 * ```
 */
export function matchColors(picture: Image, reference: Image, options: ColorMatchingOptions = {}): Image {
  const { mode, affineForm, strength } = checkedOptions(options);
  const [visible, referenceVisible] = [visiblePixels(picture), visiblePixels(reference)];
  if (referenceVisible.length === 0) {
    throw new StyleError(
      'E_ARGUMENT',
      'The reference is fully transparent and has no colours to match.',
      'Give another picture.',
    );
  }
  [picture, reference].forEach(checkFinite);
  const rgb = Float32Array.from(picture.rgb);
  if (visible.length > 0) {
    if (mode === 'histogram') {
      RankTarget.of(reference.rgb, 3, referenceVisible).match(rgb, {
        positions: visible,
        ties: 'mean',
        result: rgb,
      });
    } else {
      const moments = [colorMoments(rgb, visible), colorMoments(reference.rgb, referenceVisible)] as const;
      if (mode === 'affine') mapColors(rgb, visible, ...moments, affineColorMap(...moments, affineForm));
      else matchLuminance(rgb, visible, ...moments);
    }
  }
  if (strength < 1) {
    for (let i = 0; i < rgb.length; i += 1) {
      rgb[i] = picture.rgb[i]! + strength * (rgb[i]! - picture.rgb[i]!);
    }
  }
  return createImage(picture.width, picture.height, rgb, picture.alpha);
}

function checkedOptions(options: ColorMatchingOptions): ColorMatchingSettings {
  const parsed = colorMatchingOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = issue!.path.join('.');
  throw new StyleError(
    'E_ARGUMENT',
    `The colours can't be matched with these options: ${name === '' ? '' : `${name}: `}${issue!.message}.`,
    `There are ${Object.keys(colorMatchingOptionsSchema.shape).join(', ')}.`,
  );
}

/** Indices of the pixels that are not fully transparent. */
export function visiblePixels({ width, height, alpha }: Image): Uint32Array {
  const all = Uint32Array.from({ length: width * height }, (_, i) => i);
  return alpha === undefined ? all : all.filter((i) => alpha[i]! > 0);
}

function checkFinite({ rgb }: Image): void {
  const at = rgb.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new StyleError(
    'E_NUMERIC',
    `A picture has the colour value ${rgb[at]!}, which is not a finite number.`,
    'Check where the picture comes from.',
  );
}

const clamp = (value: number): number => Math.min(Math.max(value, 0), 1);

function matchLuminance(
  rgb: Float32Array,
  positions: Uint32Array,
  source: ColorMoments,
  reference: ColorMoments,
): void {
  const pixels = rgb.length / 3;
  const mean = ({ mean: colour }: ColorMoments): number =>
    lumaWeights.reduce((sum, weight, i) => sum + weight * colour[i]!, 0);
  const variance = ({ covariance }: ColorMoments): number =>
    lumaWeights.reduce(
      (sum, a, i) => sum + lumaWeights.reduce((row, b, j) => row + a * b * covariance[i]![j]!, 0),
      0,
    );
  const [from, to] = [mean(source), mean(reference)];
  const factor = spreadFactor(variance(source), variance(reference));
  for (const at of positions) {
    const colour = [rgb[at]!, rgb[pixels + at]!, rgb[2 * pixels + at]!] as const;
    const y = lumaWeights[0] * colour[0] + lumaWeights[1] * colour[1] + lumaWeights[2] * colour[2];
    const matched = clamp(to + factor * (y - from));
    const kept = colour.reduce((least, value) => Math.min(least, roomFor(value - y, matched)), 1);
    colour.forEach((value, channel) => {
      rgb[channel * pixels + at] = clamp(matched + kept * (value - y));
    });
  }
}
