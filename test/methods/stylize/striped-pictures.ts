import { createImage, type Image } from '../../../src/images/image.js';
import type { OptimizedPicture } from '../../../src/methods/optimization/walk-method.js';
import { gramStylization, type StylizePictures } from '../../../src/methods/stylize/gram-method.js';
import type { StylizeOptions } from '../../../src/methods/stylize/options.js';
import { runMethod, type Bench, type RunControl } from '../method-runs.js';

/** Stripes of some colours. */
export function stripes(
  width: number,
  height: number,
  period: number,
  colors: readonly (readonly number[])[],
): Image {
  const rgb = new Float32Array(3 * width * height);
  for (let i = 0; i < width * height; i += 1) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const color = colors[Math.floor((x + 2 * y) / period) % colors.length]!;
    color.forEach((value, channel) => (rgb[channel * width * height + i] = value));
  }
  return createImage(width, height, rgb);
}

/** Black on the left, white on the right. */
export function halves(width: number, height: number, left = 0, right = 1): Image {
  const rgb = Float32Array.from({ length: 3 * width * height }, (_, i) =>
    i % width < width / 2 ? left : right,
  );
  return createImage(width, height, rgb);
}

/** A photograph in muted colours, and two paintings, one red and one blue. */
export const content = stripes(48, 32, 9, [
  [0.3, 0.5, 0.7],
  [0.6, 0.5, 0.4],
]);
export const red = stripes(40, 40, 4, [
  [0.9, 0.1, 0.1],
  [0.6, 0.2, 0],
]);
export const blue = stripes(40, 30, 6, [
  [0.1, 0.2, 0.9],
  [0, 0.1, 0.5],
]);

/** Few steps at small sizes. */
const quick: StylizeOptions = {
  scales: [32, 48],
  iterations: [12, 8],
  styleLayers: ['relu1_1', 'relu2_1', 'relu3_1'],
};

/** Repaints the photograph after the red painting in few steps, unless it is told otherwise. */
export const stripesStylizer =
  (bench: Bench) =>
  (
    options: StylizeOptions,
    pictures: Partial<StylizePictures> = {},
    control: RunControl = {},
  ): Promise<OptimizedPicture> =>
    runMethod(
      gramStylization,
      bench,
      { content, styles: [red], ...pictures },
      { ...quick, ...options },
      control,
    );

/** The mean of a channel over some columns. */
export const meanOf = ({ rgb, width }: Image, channel: number, inside: (x: number) => boolean): number => {
  const plane = rgb.subarray((channel * rgb.length) / 3, ((channel + 1) * rgb.length) / 3);
  const counted = plane.filter((_, i) => inside(i % width));
  return counted.reduce((sum, value) => sum + value, 0) / counted.length;
};

/** How much more red than blue there is in some columns; everywhere unless given. */
export const redness = (image: Image, inside: (x: number) => boolean = () => true): number =>
  meanOf(image, 0, inside) - meanOf(image, 2, inside);
