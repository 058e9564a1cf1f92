import { createImage, type Image, type Size } from '../images/image.js';
import { luminanceOf } from '../images/luminance.js';
import { opticalFlow, type Flow, type Plane } from './optical-flow.js';

/** Motion is looked for at about this long side, or at a quarter of the frame's where that is more. */
const flowSide = 320;
/** How much of the painting before stays where the film only moves. */
const kept = 0.8;
/** Bins of each colour's histogram, and the distance of two frames' histograms, 0 to 1, from which there is a cut between them. */
const bins = 16;
const cutDistance = 0.4;

/** What is known of a frame of the film when the next one comes. */
interface Before {
  readonly light: Plane;
  readonly histogram: Float32Array;
  readonly painted: Image;
}

/** What has become of a frame. */
export interface SteadyFrame {
  readonly image: Image;
  /** Whether a new shot begins with it. */
  readonly cut: boolean;
}

/**
 * Paintings of a film's frames that don't flicker. What the frame before became is moved as the film has moved, and where both
 * agree on what is to be seen, much of it is kept. What has come into view, and all after a cut, is painted anew.
 */
export class SteadyPainting {
  private before: Before | undefined;

  /**
   * The next frame.
   * @param frame as the film has it
   * @param painted what it becomes by itself, of the same size
   */
  next(frame: Image, painted: Image): SteadyFrame {
    const light = lightOf(frame);
    const histogram = histogramOf(frame);
    const { before } = this;
    const sameSize = before?.painted.width === frame.width && before.painted.height === frame.height;
    const cut =
      before !== undefined && (!sameSize || histogramDistance(before.histogram, histogram) > cutDistance);
    const image = before === undefined || cut ? painted : steadied(before, light, painted);
    this.before = { light, histogram, painted: image };
    return { image, cut };
  }
}

/** By how much smaller than a frame what motion is looked for in is: a whole number. */
const reduction = ({ width, height }: Size): number =>
  Math.max(1, Math.min(4, Math.round(Math.max(width, height) / flowSide)));

/** A frame's luminance, each value the mean of a square. */
function lightOf(frame: Image): Plane {
  const { width, height } = frame;
  const factor = reduction(frame);
  const values = luminanceOf(frame);
  if (factor === 1) return { width, height, values };
  const [wide, high] = [Math.ceil(width / factor), Math.ceil(height / factor)];
  const sums = new Float32Array(wide * high);
  const counts = new Float32Array(wide * high);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(y / factor) * wide;
    for (let x = 0; x < width; x += 1) {
      const at = row + Math.floor(x / factor);
      sums[at]! += values[y * width + x]!;
      counts[at]! += 1;
    }
  }
  return { width: wide, height: high, values: sums.map((sum, at) => sum / counts[at]!) };
}

/** How many of all values of a colour are in each bin, for the three colours. */
export function histogramOf({ rgb }: Image): Float32Array {
  const pixels = rgb.length / 3;
  const histogram = new Float32Array(3 * bins);
  for (let i = 0; i < rgb.length; i += 1) {
    const bin = Math.min(bins - 1, Math.floor(rgb[i]! * bins));
    histogram[Math.floor(i / pixels) * bins + bin]! += 1 / pixels;
  }
  return histogram;
}

/** How far two histograms are from each other: 0 for the same, 1 where they share nothing. */
export const histogramDistance = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, bin) => sum + Math.abs(value - other[bin]!), 0) / 6;

/** A painted frame with what it shares with the one before. */
function steadied(before: Before, light: Plane, painted: Image): Image {
  const backward = opticalFlow(light, before.light);
  const forward = opticalFlow(before.light, light);
  const weights = agreement(light, before.light, backward, forward);
  return mixed(painted, before.painted, backward, weights);
}

/** Index of a place, at the border where it is beyond. */
const clampTo = (value: number, length: number): number => Math.min(Math.max(value, 0), length - 1);

/** A value between the pixels of a plane; the border goes on. */
function valueAt({ width, height }: Size, values: Float32Array, x: number, y: number): number {
  const [inX, inY] = [clampTo(x, width), clampTo(y, height)];
  const [left, top] = [
    Math.min(Math.floor(inX), Math.max(0, width - 2)),
    Math.min(Math.floor(inY), Math.max(0, height - 2)),
  ];
  const [right, below] = [inX - left, inY - top];
  const at = top * width + left;
  const next = width > 1 ? 1 : 0;
  const line = height > 1 ? width : 0;
  const upper = values[at]! + right * (values[at + next]! - values[at]!);
  const lower = values[at + line]! + right * (values[at + line + next]! - values[at + line]!);
  return upper + below * (lower - upper);
}

/**
 * Where two frames show the same, 0 to 1: the way back leads to where the way there began, by the condition of Ruder et al. 2016
 * (equation 5), and it is as bright there. At edges more difference is forgiven, since half a pixel makes some.
 */
function agreement(light: Plane, before: Plane, backward: Flow, forward: Flow): Plane {
  const { width, height, values } = light;
  const agreeing = new Float32Array(values.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * width + x;
      const [across, down] = [backward.across[at]!, backward.down[at]!];
      const [thereX, thereY] = [x + across, y + down];
      if (thereX < -0.5 || thereY < -0.5 || thereX > width - 0.5 || thereY > height - 0.5) continue;
      const returnAcross = valueAt(light, forward.across, thereX, thereY);
      const returnDown = valueAt(light, forward.down, thereX, thereY);
      const astray = (across + returnAcross) ** 2 + (down + returnDown) ** 2;
      const length = across ** 2 + down ** 2 + returnAcross ** 2 + returnDown ** 2;
      if (astray > 0.01 * length + 0.5) continue;
      const slope =
        Math.abs(values[y * width + clampTo(x + 1, width)]! - values[y * width + clampTo(x - 1, width)]!) +
        Math.abs(values[clampTo(y + 1, height) * width + x]! - values[clampTo(y - 1, height) * width + x]!);
      const difference = Math.abs(values[at]! - valueAt(before, before.values, thereX, thereY));
      agreeing[at] = Math.min(1, Math.max(0, 2 - difference / (0.03 + 0.15 * slope)));
    }
  }
  return { width, height, values: leastAround({ width, height, values: agreeing }) };
}

/** The least of each value and its neighbours: motion is not known to the pixel where it changes. */
function leastAround({ width, height, values }: Plane): Float32Array {
  const least = (from: Float32Array, step: number, x: (at: number) => number, length: number): Float32Array =>
    from.map((value, at) =>
      Math.min(value, x(at) > 0 ? from[at - step]! : value, x(at) < length - 1 ? from[at + step]! : value),
    );
  const rows = least(values, 1, (at) => at % width, width);
  return least(rows, width, (at) => Math.floor(at / width), height);
}

/** A painted frame mixed with the one before it, moved. Flow and weights are of a smaller size. */
function mixed(painted: Image, before: Image, flow: Flow, weights: Plane): Image {
  const { width, height } = painted;
  const factor = reduction(painted);
  const pixels = width * height;
  const rgb = Float32Array.from(painted.rgb);
  const [tapsX, tapsY] = [new Float32Array(4), new Float32Array(4)];
  const columns = new Int32Array(4);
  for (let y = 0; y < height; y += 1) {
    const flowY = (y + 0.5) / factor - 0.5;
    for (let x = 0; x < width; x += 1) {
      const flowX = (x + 0.5) / factor - 0.5;
      const weight = kept * valueAt(weights, weights.values, flowX, flowY);
      if (weight === 0) continue;
      const fromX = x + factor * valueAt(flow, flow.across, flowX, flowY);
      const fromY = y + factor * valueAt(flow, flow.down, flowX, flowY);
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
      cubicTaps(fromX - left, tapsX);
      cubicTaps(fromY - top, tapsY);
      for (let tap = 0; tap < 4; tap += 1) columns[tap] = clampTo(left + tap - 1, width);
      for (let channel = 0; channel < 3; channel += 1) {
        let value = 0;
        for (let tap = 0; tap < 4; tap += 1) {
          const row = channel * pixels + clampTo(top + tap - 1, height) * width;
          value +=
            tapsY[tap]! *
            (tapsX[0]! * before.rgb[row + columns[0]!]! +
              tapsX[1]! * before.rgb[row + columns[1]!]! +
              tapsX[2]! * before.rgb[row + columns[2]!]! +
              tapsX[3]! * before.rgb[row + columns[3]!]!);
        }
        const at = channel * pixels + y * width + x;
        rgb[at] = Math.min(1, Math.max(0, rgb[at]! + weight * (value - rgb[at]!)));
      }
    }
  }
  return createImage(width, height, rgb, painted.alpha);
}

/** Catmull and Rom's weights of four neighbours: what is moved again and again must not get blurred. */
function cubicTaps(part: number, taps: Float32Array): void {
  const [square, cube] = [part * part, part * part * part];
  taps[0] = -0.5 * cube + square - 0.5 * part;
  taps[1] = 1.5 * cube - 2.5 * square + 1;
  taps[2] = -1.5 * cube + 2 * square + 0.5 * part;
  taps[3] = 0.5 * cube - 0.5 * square;
}
