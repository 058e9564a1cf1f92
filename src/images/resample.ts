import type { Size } from './image.js';

/**
 * How a sample is weighed by its distance: `lanczos3` (windowed sinc, three lobes), `bicubic` (Keys 1981, a = -1/2),
 * `bilinear` (triangle), `nearest` (no averaging at all).
 */
export type ResizeKernel = 'lanczos3' | 'bicubic' | 'bilinear' | 'nearest';

/**
 * Lanczos keeps the most detail of a photograph that is made smaller, without aliasing, and detail is what the content
 * loss measures and what brush strokes follow. Its overshoot at hard edges is clamped away in pictures.
 */
export const defaultResizeKernel: ResizeKernel = 'lanczos3';

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

function keysCubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/** The kernels that average: the distance at which the weight ends, and the weight. */
const averaging: Record<Exclude<ResizeKernel, 'nearest'>, { support: number; weight(x: number): number }> = {
  lanczos3: { support: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
  bicubic: { support: 2, weight: keysCubic },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
};

/** For every output position along one axis: the first input sample and where its weights lie in `weights`. */
export interface AxisTaps {
  readonly first: Int32Array;
  /** One more than there are outputs: the weights of output `i` are `weights[offset[i]] .. weights[offset[i + 1] - 1]`. */
  readonly offset: Int32Array;
  readonly weights: Float64Array;
}

/** The taps of a kernel along an axis of `size` samples that is to have `newSize`. */
export function axisTaps(size: number, newSize: number, kernel: ResizeKernel): AxisTaps {
  const scale = size / newSize;
  const first = new Int32Array(newSize);
  const offset = new Int32Array(newSize + 1);
  const weights: number[] = [];
  for (let i = 0; i < newSize; i++) {
    const centre = (i + 0.5) * scale;
    if (kernel === 'nearest') {
      first[i] = Math.min(size - 1, Math.floor(centre));
      weights.push(1);
    } else {
      const { support, weight } = averaging[kernel];
      // Making smaller, the kernel widens to cover everything between two outputs: that is the antialiasing.
      const stretch = Math.max(1, scale);
      const begin = Math.max(0, Math.ceil(centre - support * stretch - 0.5));
      const end = Math.min(size - 1, Math.floor(centre + support * stretch - 0.5));
      const unscaled = Array.from({ length: end - begin + 1 }, (_, k) =>
        weight((begin + k + 0.5 - centre) / stretch),
      );
      const sum = unscaled.reduce((total, w) => total + w, 0);
      first[i] = begin;
      // Taps beyond the edge are left out and the rest normalised, so that a constant stays that constant.
      for (const w of unscaled) weights.push(w / sum);
    }
    offset[i + 1] = weights.length;
  }
  return { first, offset, weights: Float64Array.from(weights) };
}

/**
 * Resamples every row of `rows` rows of `width` values.
 * @param result where the `rows * newWidth` values go, new memory unless given
 */
export function resampleRows(
  source: Float32Array,
  rows: number,
  width: number,
  newWidth: number,
  taps: AxisTaps,
  result = new Float32Array(rows * newWidth),
): Float32Array {
  const { first, offset, weights } = taps;
  for (let row = 0; row < rows; row += 4) {
    // Four rows at once: four sums that don't wait for each other take half the time. The last four may overlap the ones before.
    const top = Math.max(0, Math.min(row, rows - 4));
    const [second, third, fourth] = [1, 2, 3].map((step) => Math.min(step, rows - 1)) as [
      number,
      number,
      number,
    ];
    for (let x = 0; x < newWidth; x++) {
      let from = top * width + first[x]!;
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let k = offset[x]!, end = offset[x + 1]!; k < end; k++, from++) {
        const weight = weights[k]!;
        sum0 += weight * source[from]!;
        sum1 += weight * source[from + second * width]!;
        sum2 += weight * source[from + third * width]!;
        sum3 += weight * source[from + fourth * width]!;
      }
      result[top * newWidth + x] = sum0;
      result[(top + second) * newWidth + x] = sum1;
      result[(top + third) * newWidth + x] = sum2;
      result[(top + fourth) * newWidth + x] = sum3;
    }
  }
  return result;
}

/** Resamples every column of `planes` planes of `height` rows of `width` values. */
export function resampleColumns(
  source: Float32Array,
  planes: number,
  height: number,
  width: number,
  newHeight: number,
  taps: AxisTaps,
): Float32Array {
  const { first, offset, weights } = taps;
  const result = new Float32Array(planes * newHeight * width);
  const sums = new Float64Array(width);
  for (let plane = 0; plane < planes; plane++) {
    for (let y = 0; y < newHeight; y++) {
      sums.fill(0);
      let from = (plane * height + first[y]!) * width;
      let k = offset[y]!;
      const end = offset[y + 1]!;
      // Whole rows at a time, so that memory is read in order; three of them, so that sums are stored less often.
      for (; k + 2 < end; k += 3, from += 3 * width) {
        const [w0, w1, w2] = [weights[k]!, weights[k + 1]!, weights[k + 2]!];
        const [second, third] = [from + width, from + 2 * width];
        for (let x = 0; x < width; x++) {
          sums[x] = sums[x]! + w0 * source[from + x]! + w1 * source[second + x]! + w2 * source[third + x]!;
        }
      }
      for (; k < end; k++, from += width) {
        const weight = weights[k]!;
        for (let x = 0; x < width; x++) sums[x]! += weight * source[from + x]!;
      }
      result.set(sums, (plane * newHeight + y) * width);
    }
  }
  return result;
}

/** How many outputs at most wait for the same input. */
function mostWaiting({ first, offset }: AxisTaps): number {
  let most = 0;
  for (let i = 0, beyond = 0; i < first.length; i++) {
    const last = first[i]! + offset[i + 1]! - offset[i]! - 1;
    while (beyond < first.length && first[beyond]! <= last) beyond++;
    most = Math.max(most, beyond - i);
  }
  return most;
}

/** Takes a row of a plane at the new size; the values are there during the call only. */
export type RowReceiver = (plane: number, y: number, values: Float32Array | Float64Array) => void;

/**
 * Resamples planes of which a few rows are there at a time, from top to bottom, as {@link resampleRows} and then
 * {@link resampleColumns} do with whole ones, to the bit once rounded to float32. It holds a few rows of the new width.
 */
export class RowResampler {
  private readonly across: AxisTaps | undefined;
  private readonly down: AxisTaps | undefined;
  /** The sums of outputs that wait for further rows; output `y` has slot `y % slots`. */
  private readonly sums: Float64Array;
  private readonly slots: number;
  /** Rows of the new width, in the same memory every time. */
  private narrow = new Float32Array(0);
  private row = 0;
  /** The outputs from `done` up to `begun` wait. */
  private done = 0;
  private begun = 0;

  constructor(
    private readonly planes: number,
    private readonly size: Size,
    private readonly newSize: Size,
    private readonly receive: RowReceiver,
    kernel: ResizeKernel = defaultResizeKernel,
  ) {
    const taps = (from: number, to: number): AxisTaps | undefined =>
      from === to ? undefined : axisTaps(from, to, kernel);
    this.across = taps(size.width, newSize.width);
    this.down = taps(size.height, newSize.height);
    this.slots = this.down === undefined ? 0 : mostWaiting(this.down);
    this.sums = new Float64Array(planes * this.slots * newSize.width);
  }

  /** @param source `planes * rows * width` values: the next rows of every plane */
  push(source: Float32Array, rows: number): void {
    const { width } = this.newSize;
    const narrow = this.across === undefined ? source : this.narrowRows(source, rows, this.across);
    for (let row = 0; row < rows; row++, this.row++) {
      for (let plane = 0; plane < this.planes; plane++) {
        const at = (plane * rows + row) * width;
        const values = narrow.subarray(at, at + width);
        if (this.down === undefined) this.receive(plane, this.row, values);
        else this.add(plane, values, this.down);
      }
      if (this.down !== undefined) this.finishRows(this.down);
    }
  }

  private narrowRows(source: Float32Array, rows: number, across: AxisTaps): Float32Array {
    const { width } = this.newSize;
    const values = this.planes * rows * width;
    if (this.narrow.length < values) this.narrow = new Float32Array(values);
    return resampleRows(source, this.planes * rows, this.size.width, width, across, this.narrow);
  }

  /** Adds a row to the outputs that it is part of. */
  private add(plane: number, values: Float32Array, { first, offset, weights }: AxisTaps): void {
    const { sums } = this;
    const { width, height } = this.newSize;
    while (this.begun < height && first[this.begun]! <= this.row) this.begun++;
    for (let y = this.done; y < this.begun; y++) {
      const weight = weights[offset[y]! + this.row - first[y]!]!;
      const at = this.placeOf(plane, y);
      for (let x = 0; x < width; x++) sums[at + x]! += weight * values[x]!;
    }
  }

  private placeOf(plane: number, y: number): number {
    return (plane * this.slots + (y % this.slots)) * this.newSize.width;
  }

  /** Hands over the outputs that have all their rows. */
  private finishRows({ first, offset }: AxisTaps): void {
    for (; this.done < this.begun; this.done++) {
      const y = this.done;
      if (first[y]! + offset[y + 1]! - offset[y]! - 1 > this.row) return;
      for (let plane = 0; plane < this.planes; plane++) {
        const at = this.placeOf(plane, y);
        const sums = this.sums.subarray(at, at + this.newSize.width);
        this.receive(plane, y, sums);
        sums.fill(0);
      }
    }
  }
}
