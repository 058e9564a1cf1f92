import { createImage, type Image } from './image.js';

/** The weights of R, G and B in Y of YIQ (ITU-R BT.601). */
export const lumaWeights = [0.299, 0.587, 0.114] as const;

/** The luminance Y of every pixel, in [0, 1]; `height * width` values. */
export function luminanceOf({ rgb }: Image): Float32Array {
  const pixels = rgb.length / 3;
  return Float32Array.from(
    { length: pixels },
    (_, i) =>
      lumaWeights[0] * rgb[i]! + lumaWeights[1] * rgb[pixels + i]! + lumaWeights[2] * rgb[2 * pixels + i]!,
  );
}

/**
 * Whether a picture has no colours.
 * @param tolerance root mean square difference of R and B from G up to which it counts as grey; none unless given
 */
export function isGrey({ rgb }: Image, tolerance = 0): boolean {
  const pixels = rgb.length / 3;
  let squares = 0;
  for (let i = 0; i < pixels; i += 1) {
    const green = rgb[pixels + i]!;
    squares += (rgb[i]! - green) ** 2 + (rgb[2 * pixels + i]! - green) ** 2;
  }
  return squares <= 2 * pixels * tolerance ** 2;
}

/** The picture in greys of its luminance, with its transparency. */
export function greyPicture(image: Image): Image {
  const grey = luminanceOf(image);
  const rgb = new Float32Array(image.rgb.length);
  for (let channel = 0; channel < 3; channel += 1) rgb.set(grey, channel * grey.length);
  return createImage(image.width, image.height, rgb, image.alpha);
}

/**
 * The picture's colours at another luminance: I and Q of YIQ stay, Y is replaced. As YIQ is linear in the encoded RGB, that
 * adds the same number to R, G and B; a colour that would leave the range is moved towards the grey of its luminance,
 * which keeps luminance and hue.
 * @param luminance Y of every pixel, clipped to [0, 1]
 */
export function withLuminance(image: Image, luminance: Float32Array): Image {
  const before = luminanceOf(image);
  const rgb = Float32Array.from(image.rgb);
  const pixels = before.length;
  for (let at = 0; at < pixels; at += 1) {
    const grey = Math.min(Math.max(luminance[at]!, 0), 1);
    const differences = [0, 1, 2].map((channel) => rgb[channel * pixels + at]! - before[at]!);
    const kept = differences.reduce((least, difference) => Math.min(least, roomFor(difference, grey)), 1);
    differences.forEach((difference, channel) => {
      rgb[channel * pixels + at] = Math.min(Math.max(grey + kept * difference, 0), 1);
    });
  }
  return createImage(image.width, image.height, rgb, image.alpha);
}

/** The share of a channel's difference from a grey that keeps it between 0 and 1. */
export function roomFor(difference: number, grey: number): number {
  if (difference === 0) return 1;
  return ((difference > 0 ? 1 : 0) - grey) / difference;
}
