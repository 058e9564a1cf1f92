import type { Size } from '../images/image.js';

/** One value for each pixel, in rows. */
export interface Plane extends Size {
  readonly values: Float32Array;
}

/** Where each pixel of a plane has gone: pixels to the right and down. */
export interface Flow extends Size {
  readonly across: Float32Array;
  readonly down: Float32Array;
}

/** Sides of the patches that are followed, and how far apart they are: they overlap. */
const patch = 8;
const stride = 4;
/** A patch is followed until it moves less than this, in pixels, or so many times. */
const smallestStep = 0.01;
const mostSteps = 12;
/** Planes of fewer pixels a side have no coarser one. */
const coarsestSide = 16;
/** Added to the squared gradients of a patch: one without any stays where it is. */
const damping = 1e-3;
/** Values that differ by less are taken for equal. */
const leastDifference = 1 / 255;
/** What lies beyond a plane's border for patches that leave it: the border's values go on. */
const border = 2 * patch;

/**
 * Where the pixels of one plane are in another, by dense inverse search (Kroeger et al. 2016): overlapping patches are followed
 * from coarse to fine, each by inverse compositional Lucas-Kanade from where its neighbours went, and a pixel goes with the
 * patches that it lies in, the more with those that fit it. We leave out the variational refinement, and patches are compared
 * without their means, so that a change of light is no motion.
 * @param from values in [0, 1]
 * @param to of the same size
 * @returns the flow `w` with `to(x + w(x))` about `from(x)`
 */
export function opticalFlow(from: Plane, to: Plane): Flow {
  const pyramid: [Plane, Plane][] = [[from, to]];
  while (Math.min(pyramid[0]![0].width, pyramid[0]![0].height) >= 2 * coarsestSide) {
    const [one, other] = pyramid[0]!;
    pyramid.unshift([halved(one), halved(other)]);
  }
  let flow = noFlow(pyramid[0]![0]);
  for (const [one, other] of pyramid) {
    if (flow.width !== one.width || flow.height !== one.height) flow = enlarged(flow, one);
    // A plane that no patch fits in has not been seen to move.
    if (Math.min(one.width, one.height) >= patch) flow = refined(one, withBorder(other), flow);
  }
  return flow;
}

const noFlow = ({ width, height }: Size): Flow => ({
  width,
  height,
  across: new Float32Array(width * height),
  down: new Float32Array(width * height),
});

function halved({ width, height, values }: Plane): Plane {
  const [wide, high] = [width >> 1, height >> 1];
  const out = new Float32Array(wide * high);
  for (let y = 0; y < high; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      const at = 2 * y * width + 2 * x;
      out[y * wide + x] = (values[at]! + values[at + 1]! + values[at + width]! + values[at + width + 1]!) / 4;
    }
  }
  return { width: wide, height: high, values: out };
}

/** A flow on a plane of twice the size; a pixel has that of the pixel which it is a part of. */
function enlarged(flow: Flow, { width, height }: Size): Flow {
  const out = noFlow({ width, height });
  for (let y = 0; y < height; y += 1) {
    const row = Math.min(y >> 1, flow.height - 1) * flow.width;
    for (let x = 0; x < width; x += 1) {
      const at = row + Math.min(x >> 1, flow.width - 1);
      out.across[y * width + x] = 2 * flow.across[at]!;
      out.down[y * width + x] = 2 * flow.down[at]!;
    }
  }
  return out;
}

/** A plane whose border goes on for some pixels. */
function withBorder({ width, height, values }: Plane): Plane {
  const [wide, high] = [width + 2 * border, height + 2 * border];
  const out = new Float32Array(wide * high);
  for (let y = 0; y < high; y += 1) {
    const row = Math.min(Math.max(y - border, 0), height - 1) * width;
    for (let x = 0; x < wide; x += 1) {
      out[y * wide + x] = values[row + Math.min(Math.max(x - border, 0), width - 1)]!;
    }
  }
  return { width: wide, height: high, values: out };
}

/** The places of patches along an axis: the last one ends where the axis does. */
function places(length: number): number[] {
  const count = Math.ceil((length - patch) / stride) + 1;
  return Array.from({ length: count }, (_, i) => Math.min(i * stride, length - patch));
}

/** A flow that is a better one at its own size. @param to with its border */
function refined(from: Plane, to: Plane, start: Flow): Flow {
  const search = new PatchSearch(from, to);
  const [columns, rows] = [places(from.width), places(from.height)];
  const [across, down, weights] = [0, 1, 2].map(() => new Float32Array(from.values.length));
  const found = new Float32Array(2 * columns.length * rows.length);
  for (const [row, top] of rows.entries()) {
    for (const [column, left] of columns.entries()) {
      const index = 2 * (row * columns.length + column);
      search.take(left, top);
      const centre = (top + patch / 2) * from.width + left + patch / 2;
      search.startAt(start.across[centre]!, start.down[centre]!);
      for (const neighbour of [column > 0 ? index - 2 : -1, row > 0 ? index - 2 * columns.length : -1]) {
        if (neighbour >= 0) search.tryAt(found[neighbour]!, found[neighbour + 1]!);
      }
      search.follow();
      found[index] = search.across;
      found[index + 1] = search.down;
      search.addTo(across!, down!, weights!);
    }
  }
  for (let i = 0; i < weights!.length; i += 1) {
    across![i]! /= weights![i]!;
    down![i]! /= weights![i]!;
  }
  return { width: from.width, height: from.height, across: across!, down: down! };
}

const pixels = patch * patch;

/** One patch after the other, and where it is in the other plane. */
class PatchSearch {
  across = 0;
  down = 0;
  private left = 0;
  private top = 0;
  private difference = 0;
  /** The patch, its gradients, and what it is compared with; all without their means. */
  private readonly values = new Float32Array(pixels);
  private readonly slopesAcross = new Float32Array(pixels);
  private readonly slopesDown = new Float32Array(pixels);
  private readonly seen = new Float32Array(pixels);
  /** The inverse of the squared gradients' sums. */
  private inverse: readonly [number, number, number] = [0, 0, 0];

  /** @param to with its border */
  constructor(
    private readonly from: Plane,
    private readonly to: Plane,
  ) {}

  take(left: number, top: number): void {
    const { width, height, values } = this.from;
    this.left = left;
    this.top = top;
    let [xx, xy, yy, sum, sumAcross, sumDown] = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < pixels; i += 1) {
      const x = left + (i % patch);
      const y = top + Math.floor(i / patch);
      const at = y * width + x;
      const right = x + 1 < width ? 1 : 0;
      const before = x > 0 ? 1 : 0;
      const below = y + 1 < height ? width : 0;
      const above = y > 0 ? width : 0;
      const slopeAcross = (values[at + right]! - values[at - before]!) / Math.max(1, right + before);
      const slopeDown = (values[at + below]! - values[at - above]!) / Math.max(1, (below + above) / width);
      this.values[i] = values[at]!;
      this.slopesAcross[i] = slopeAcross;
      this.slopesDown[i] = slopeDown;
      xx += slopeAcross * slopeAcross;
      xy += slopeAcross * slopeDown;
      yy += slopeDown * slopeDown;
      sum += values[at]!;
      sumAcross += slopeAcross;
      sumDown += slopeDown;
    }
    xx += damping - (sumAcross * sumAcross) / pixels;
    yy += damping - (sumDown * sumDown) / pixels;
    xy -= (sumAcross * sumDown) / pixels;
    const determinant = xx * yy - xy * xy;
    this.inverse = [yy / determinant, -xy / determinant, xx / determinant];
    for (let i = 0; i < pixels; i += 1) {
      this.values[i]! -= sum / pixels;
      this.slopesAcross[i]! -= sumAcross / pixels;
      this.slopesDown[i]! -= sumDown / pixels;
    }
  }

  startAt(across: number, down: number): void {
    this.across = across;
    this.down = down;
    this.difference = this.compare(across, down);
  }

  /** Goes somewhere else if the patch fits better there. */
  tryAt(across: number, down: number): void {
    const difference = this.compare(across, down);
    if (difference >= this.difference) return;
    this.across = across;
    this.down = down;
    this.difference = difference;
  }

  /** Goes down the difference from where it is; a patch that loses its way stays. */
  follow(): void {
    let { across, down } = this;
    const [xx, xy, yy] = this.inverse;
    for (let step = 0; step < mostSteps; step += 1) {
      this.compare(across, down);
      let [alongX, alongY] = [0, 0];
      for (let i = 0; i < pixels; i += 1) {
        alongX += this.slopesAcross[i]! * this.seen[i]!;
        alongY += this.slopesDown[i]! * this.seen[i]!;
      }
      const [stepX, stepY] = [xx * alongX + xy * alongY, xy * alongX + yy * alongY];
      across -= stepX;
      down -= stepY;
      if (Math.abs(across - this.across) > patch || Math.abs(down - this.down) > patch) return;
      if (stepX * stepX + stepY * stepY < smallestStep * smallestStep) break;
    }
    this.tryAt(across, down);
  }

  /** Adds its motion to all of its pixels, the more to those that it fits. */
  addTo(across: Float32Array, down: Float32Array, weights: Float32Array): void {
    this.compare(this.across, this.down);
    for (let i = 0; i < pixels; i += 1) {
      const at = (this.top + Math.floor(i / patch)) * this.from.width + this.left + (i % patch);
      const weight = 1 / Math.max(leastDifference, Math.abs(this.seen[i]!));
      across[at]! += weight * this.across;
      down[at]! += weight * this.down;
      weights[at]! += weight;
    }
  }

  /** The sum of squared differences somewhere; leaves the differences in `seen`, without their mean. */
  private compare(across: number, down: number): number {
    const { width, height, values } = this.to;
    // Within the border.
    const x = Math.min(Math.max(this.left + across + border, 0), width - patch - 1.001);
    const y = Math.min(Math.max(this.top + down + border, 0), height - patch - 1.001);
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const [right, below] = [x - column, y - row];
    const [a, b] = [(1 - right) * (1 - below), right * (1 - below)];
    const [c, d] = [(1 - right) * below, right * below];
    const { seen, values: template } = this;
    let sum = 0;
    for (let i = 0, line = row * width + column; i < pixels; line += width) {
      for (let at = line; at < line + patch; at += 1, i += 1) {
        const value =
          a * values[at]! + b * values[at + 1]! + c * values[at + width]! + d * values[at + width + 1]!;
        seen[i] = value - template[i]!;
        sum += seen[i]!;
      }
    }
    const mean = sum / pixels;
    let squares = 0;
    for (let i = 0; i < pixels; i += 1) {
      const difference = seen[i]! - mean;
      seen[i] = difference;
      squares += difference * difference;
    }
    return squares;
  }
}
