import { createImage, type Image } from '../../images/image.js';

/** A field of matches between two maps. */
export interface Correspondence {
  /** Size of the map whose patches were looked for. */
  readonly height: number;
  readonly width: number;
  /** Size of the map that they were looked for in. */
  readonly targetHeight: number;
  readonly targetWidth: number;
  /** `[height, width, 2]`: row and column of each position's match. */
  readonly field: Int32Array;
}

/**
 * A field of matches as colours, one pixel a position: the hue says in which direction the match lies (red to the right,
 * then clockwise yellow-green below, cyan to the left, violet above), the saturation how far, against the farthest. White is the same
 * place. Places are measured in parts of each map's height and width.
 * @example
 * ```ts
 * import { writeImage } from 'pastiche';
 * import { drawCorrespondence } from 'pastiche/engine';
 *
 * // A map of one row, whose two positions have changed places.
 * const field = Int32Array.of(0, 1, 0, 0);
 * const picture = drawCorrespondence({ height: 1, width: 2, targetHeight: 1, targetWidth: 2, field });
 * await writeImage('field.png', picture);
 * ```
 */
export function drawCorrespondence(correspondence: Correspondence): Image {
  const { height, width, targetHeight, targetWidth, field } = correspondence;
  const size = height * width;
  const [down, right] = [new Float32Array(size), new Float32Array(size)];
  let farthest = 0;
  for (let i = 0; i < size; i += 1) {
    const [row, column] = [Math.floor(i / width), i % width];
    down[i] = (field[2 * i]! + 0.5) / targetHeight - (row + 0.5) / height;
    right[i] = (field[2 * i + 1]! + 0.5) / targetWidth - (column + 0.5) / width;
    farthest = Math.max(farthest, Math.hypot(down[i]!, right[i]!));
  }
  const rgb = new Float32Array(3 * size);
  for (let i = 0; i < size; i += 1) {
    const saturation = farthest === 0 ? 0 : Math.hypot(down[i]!, right[i]!) / farthest;
    const hue = Math.atan2(down[i]!, right[i]!) / (2 * Math.PI);
    for (let channel = 0; channel < 3; channel += 1) {
      rgb[channel * size + i] = 1 - saturation * (1 - pureColor(hue, channel));
    }
  }
  return createImage(width, height, rgb);
}

/** A channel of the fully saturated colour of a hue, in turns from red by way of yellow, green, cyan, blue, magenta. */
function pureColor(hue: number, channel: number): number {
  // Smith 1978: each channel is 1 around its own hue, falls off over a sixth of the circle, and is 0 opposite.
  const distance = Math.abs(((((hue - channel / 3 + 1.5) % 1) + 1) % 1) - 0.5) * 6;
  return Math.min(Math.max(2 - distance, 0), 1);
}

/**
 * Scores as grey, one pixel a position: black is 0 or less, white 1.
 * @example
 * ```ts
 * import { writeImage } from 'pastiche';
 * import { drawScores } from 'pastiche/engine';
 *
 * await writeImage('scores.png', drawScores(Float32Array.of(0.2, 0.9), 1, 2));
 * ```
 */
export function drawScores(scores: Float32Array, height: number, width: number): Image {
  const grey = scores.map((score) => Math.min(Math.max(score, 0), 1));
  const rgb = new Float32Array(3 * grey.length);
  for (let channel = 0; channel < 3; channel += 1) rgb.set(grey, channel * grey.length);
  return createImage(width, height, rgb);
}

/** How a picture lies over its map. */
export interface MapScale {
  /** Picture's pixels for each pixel that the network saw. */
  readonly pixels: number;
  /** Pixels that the network saw for each position of the map, along a side. */
  readonly cell: number;
}

/**
 * A picture rebuilt from the matched patches of another one (a visual analogy): every patch is copied in full detail to
 * where its match was looked for, and where patches overlap their mean is taken.
 * @param size width and height of the picture to make, the first map's own picture
 * @param target the picture that the patches come from
 * @param offsets rows or columns of a patch, from its centre
 * @example
 * ```ts
 * import { createImage } from 'pastiche';
 * import { rebuildFromPatches } from 'pastiche/engine';
 *
 * const image = createImage(2, 1, Float32Array.of(1, 0, 1, 0, 1, 0));
 * const correspondence = { height: 1, width: 2, targetHeight: 1, targetWidth: 2, field: Int32Array.of(0, 1, 0, 0) };
 * const scale = { pixels: 1, cell: 1 };
 * const rebuilt = rebuildFromPatches(correspondence, { width: 2, height: 1, scale }, { image, scale }, [0]);
 * console.log(rebuilt.rgb.subarray(0, 2)); // 0, 1: the two pixels have changed places
 * ```
 */
export function rebuildFromPatches(
  correspondence: Correspondence,
  size: { readonly width: number; readonly height: number; readonly scale: MapScale },
  target: { readonly image: Image; readonly scale: MapScale },
  offsets: readonly number[],
): Image {
  const { height, width, targetHeight, targetWidth, field } = correspondence;
  const pixels = size.width * size.height;
  const rgb = new Float32Array(3 * pixels);
  const sample = new Float32Array(3);
  const { cell, pixels: scale } = size.scale;
  for (let y = 0; y < size.height; y += 1) {
    const v = (y + 0.5) / scale / cell;
    const row = Math.min(height - 1, Math.floor(v));
    for (let x = 0; x < size.width; x += 1) {
      const u = (x + 0.5) / scale / cell;
      const column = Math.min(width - 1, Math.floor(u));
      const sum = [0, 0, 0] as [number, number, number];
      let count = 0;
      for (const dy of offsets) {
        for (const dx of offsets) {
          const [centreRow, centreColumn] = [row - dy, column - dx];
          if (centreRow < 0 || centreRow >= height || centreColumn < 0 || centreColumn >= width) continue;
          const at = 2 * (centreRow * width + centreColumn);
          const [matchRow, matchColumn] = [field[at]! + dy, field[at + 1]! + dx];
          // This part of the patch took no part in the comparison.
          if (matchRow < 0 || matchRow >= targetHeight || matchColumn < 0 || matchColumn >= targetWidth)
            continue;
          const toPixels = target.scale.cell * target.scale.pixels;
          const sourceY = (v - row + matchRow) * toPixels - 0.5;
          sampleBilinear(target.image, (u - column + matchColumn) * toPixels - 0.5, sourceY, sample);
          for (let channel = 0; channel < 3; channel += 1) sum[channel]! += sample[channel]!;
          count += 1;
        }
      }
      for (let channel = 0; channel < 3; channel += 1) {
        rgb[channel * pixels + y * size.width + x] = count === 0 ? 0 : sum[channel]! / count;
      }
    }
  }
  return createImage(size.width, size.height, rgb);
}

/** The colour between four pixels; outside the picture that of its border. */
function sampleBilinear({ width, height, rgb }: Image, x: number, y: number, out: Float32Array): void {
  const inside = (value: number, length: number): number => Math.min(Math.max(value, 0), length - 1);
  const [u, v] = [inside(x, width), inside(y, height)];
  const [left, top] = [Math.floor(u), Math.floor(v)];
  const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
  const [across, down] = [u - left, v - top];
  for (let channel = 0; channel < 3; channel += 1) {
    const plane = channel * width * height;
    const at = (row: number, column: number): number => rgb[plane + row * width + column]!;
    const upper = at(top, left) * (1 - across) + at(top, right) * across;
    const lower = at(bottom, left) * (1 - across) + at(bottom, right) * across;
    out[channel] = upper * (1 - down) + lower * down;
  }
}
