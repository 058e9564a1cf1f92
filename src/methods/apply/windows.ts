import { throwIfAborted } from '../../abort.js';
import { createImage, type Image, type Size } from '../../images/image.js';
import { cutOut } from '../../images/margin.js';
import { clampUnit } from '../../images/resize.js';

/** Of a window's side, so much at least is covered by its neighbour as well. */
const leastOverlap = 1 / 4;
/** Of what two windows share, the outermost part of each does not count: there a network sees a border that is none. */
const blindPart = 1 / 4;

/** How a picture in windows is followed and ended. */
export interface WindowCourse {
  readonly signal?: AbortSignal | undefined;
  /** Called after each window with the part that is done. */
  readonly onPart?: ((done: number) => void) | undefined;
}

/**
 * Paints a picture window by window. Windows overlap, and where they do one fades into the next.
 * @param picture at least as large as a window
 * @param paint makes from a part of a window's size the painted part
 */
export async function paintInWindows(
  picture: Image,
  window: Size,
  paint: (part: Image) => Promise<Image>,
  { signal, onPart }: WindowCourse = {},
): Promise<Image> {
  const { width, height } = picture;
  const columns = windowStarts(width, window.width);
  const rows = windowStarts(height, window.height);
  const [across, down] = [
    fadingWeights(columns, width, window.width),
    fadingWeights(rows, height, window.height),
  ];
  const rgb = new Float32Array(3 * width * height);
  let done = 0;
  for (const [row, top] of rows.entries()) {
    for (const [column, left] of columns.entries()) {
      throwIfAborted(signal);
      const painted = await paint(cutOut(picture, { ...window, left, top }));
      for (let i = 0; i < painted.rgb.length; i += 1) {
        const x = i % window.width;
        const y = Math.floor(i / window.width) % window.height;
        const channel = Math.floor(i / (window.width * window.height));
        const weight = across[column]![x]! * down[row]![y]!;
        rgb[(channel * height + top + y) * width + left + x]! += weight * painted.rgb[i]!;
      }
      done += 1;
      onPart?.(done / (rows.length * columns.length));
    }
  }
  return createImage(width, height, clampUnit(rgb));
}

/** Where windows begin, evenly from one border to the other. */
export function windowStarts(length: number, window: number): number[] {
  const step = window * (1 - leastOverlap);
  const count = Math.max(1, Math.ceil((length - window) / step) + 1);
  if (count === 1) return [0];
  return Array.from({ length: count }, (_, index) => Math.round((index * (length - window)) / (count - 1)));
}

/** How much each window counts at its places along an axis; at each place of the axis the sum is 1. */
function fadingWeights(starts: readonly number[], length: number, window: number): Float32Array[] {
  const sums = new Float64Array(length);
  const raw = starts.map((start, index) => {
    const before = index === 0 ? undefined : starts[index - 1]! + window - start;
    const after = index === starts.length - 1 ? undefined : start + window - starts[index + 1]!;
    return Float64Array.from({ length: window }, (_, i) => {
      const weight = rise(i, before) * rise(window - 1 - i, after);
      sums[start + i]! += weight;
      return weight;
    });
  });
  return raw.map((weights, index) =>
    Float32Array.from(weights, (weight, i) => weight / sums[starts[index]! + i]!),
  );
}

/** From 0 to 1 over what two windows share; 1 at the picture's border. */
function rise(distance: number, overlap: number | undefined): number {
  if (overlap === undefined) return 1;
  const blind = blindPart * overlap;
  const part = Math.min(1, Math.max(0, (distance + 0.5 - blind) / (overlap - 2 * blind)));
  return part * part * (3 - 2 * part);
}
