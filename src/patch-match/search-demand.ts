import { coarserSize, isCoarsest, scoresOfPosition } from './approximate-search.js';
import { blocksOf } from './block-search.js';
import type { ComparedSizes } from './comparison.js';
import { correlationBytes } from './correlation.js';
import { resolvePatch, type FeatureMaps } from './feature-maps.js';
import type { PatchMatchOptions } from './patch-matcher.js';
import { countedTaps, tapReach } from './patch-taps.js';
import { quickestRows } from './search-cost.js';
import { windowSize, type MapSize } from './windows.js';

/** What a search takes. */
export interface SearchDemand {
  /** Floating-point operations of the products of patches. */
  readonly operations: number;
  /** Bytes of memory, the two maps and the result included. */
  readonly bytes: number;
}

/** Copies of what a search makes for itself that nothing refers to any more, until they are collected, and ONNX Runtime's. */
const copies = 2;
const bytesOf = ({ channels, height, width }: MapSize): number => 4 * channels * height * width;

/**
 * What it takes to look for the patches of a map in another one, by their shapes.
 * @throws StyleError `E_ARGUMENT` for an even patch or a stride below 1
 */
export function searchDemand(
  input: FeatureMaps['shape'],
  target: FeatureMaps['shape'],
  options: Pick<PatchMatchOptions, 'patch' | 'stride' | 'search'>,
): SearchDemand {
  const { patch, stride } = resolvePatch(options);
  const [a, b] = [sizeOf(input), sizeOf(target)];
  const { operations, bytes } =
    options.search === 'approximate'
      ? approximateDemand(a, b, patch, stride)
      : exactDemand(compared(a, b, patch, stride));
  // The maps, and the target's values at the matches.
  return { operations, bytes: bytesOf(a) + bytesOf(b) + bytesOf(a) + copies * bytes };
}

/** All positions against all, each product once: the taps of patches only add them up. */
function exactDemand(sizes: ComparedSizes): SearchDemand {
  const { input: a, target: b, taps } = sizes;
  const operations = 2 * a.channels * a.height * a.width * b.height * b.width;
  const rows = quickestRows(sizes);
  if (rows !== undefined) {
    const tile = 4 * b.channels * (b.height + tapReach(taps)) * rows.targetWidth;
    const unfolded = 4 * b.channels * taps.count ** 2 * b.width;
    return { operations, bytes: bytesOf(a) + bytesOf(b) + tile + unfolded };
  }
  const blocks = blocksOf(sizes);
  const { height, width } = windowSize(blocks.input);
  const windows = 4 * blocks.input.origins.length * (a.channels + 2 * taps.count ** 2) * height * width;
  return { operations, bytes: windows + correlationBytes(blocks) };
}

/** Each position against some of the other map, at every level. */
function approximateDemand(a: MapSize, b: MapSize, patch: number, stride: number): SearchDemand {
  const sizes = compared(a, b, patch, stride);
  if (isCoarsest(a, b, patch)) return exactDemand(sizes);
  const coarser = approximateDemand(coarserSize(a), coarserSize(b), patch, stride);
  const { count } = sizes.taps;
  const reach = tapReach(sizes.taps);
  const around = ({ channels, height, width }: MapSize): number =>
    bytesOf({ channels, height: height + reach, width: width + reach });
  const scores = scoresOfPosition * a.height * a.width;
  return {
    operations: coarser.operations + 2 * a.channels * count ** 2 * scores,
    // The maps at half the size stay; of what a level computes with only that of the largest counts.
    bytes: bytesOf(coarserSize(a)) + bytesOf(coarserSize(b)) + Math.max(coarser.bytes, around(a) + around(b)),
  };
}

const sizeOf = ([, channels, height, width]: FeatureMaps['shape']): MapSize => ({ channels, height, width });

const compared = (a: MapSize, b: MapSize, patch: number, stride: number): ComparedSizes => ({
  input: a,
  target: b,
  taps: countedTaps(a, b, patch, stride),
});
