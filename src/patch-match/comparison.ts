import { countedTaps, type PatchTaps } from './patch-taps.js';
import type { FeatureMap, MapSize } from './windows.js';

/** What the work of a comparison depends on. */
export interface ComparedSizes {
  readonly input: MapSize;
  readonly target: MapSize;
  readonly taps: PatchTaps;
}

/** Two maps and how their patches are compared. */
export interface Comparison extends ComparedSizes {
  readonly input: FeatureMap;
  readonly target: FeatureMap;
  /** Side of a patch in positions. */
  readonly patch: number;
  /** Distance between the positions of a patch that count. */
  readonly stride: number;
  /** Factors for the maps' values, which keep their squares in single precision. */
  readonly scale: { readonly input: number; readonly target: number };
  /** Added to the products of the norms of the scaled maps. */
  readonly epsilon: number;
}

/** What a search is told, and whom it tells. */
export interface SearchControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** Added to the product of the norms (of the maps as given), so that patches of zeros score 0. */
const epsilon = 1e-9;
/** Keeps a quotient of zeros a number where the maps are large and the epsilon in their scale vanishes. */
const smallestEpsilon = 1e-30;

/** How two maps are compared. */
export function comparisonOf(
  input: FeatureMap,
  target: FeatureMap,
  { patch, stride }: { readonly patch: number; readonly stride: number },
): Comparison {
  const scale = { input: unitScale(input), target: unitScale(target) };
  return {
    input,
    target,
    patch,
    stride,
    taps: countedTaps(input, target, patch, stride),
    scale,
    epsilon: Math.max(epsilon * scale.input * scale.target, smallestEpsilon),
  };
}

/** The factor that makes a map's largest value 1: squares of large and small numbers stay in single precision. */
function unitScale({ values }: FeatureMap): number {
  const largest = values.reduce((before, value) => Math.max(before, Math.abs(value)), 0);
  // A number whose inverse is not finite is as good as zero.
  return Number.isFinite(1 / largest) && largest > 0 ? Math.min(1 / largest, 1e30) : 1;
}
