import { argumentError } from '../errors.js';
import type { Runtime } from '../runtime/runtime.js';
import { approximateSearch } from './approximate-search.js';
import { BlockSearch } from './block-search.js';
import { comparisonOf, type Comparison, type SearchControl } from './comparison.js';
import type { BestMatches } from './best-matches.js';
import { checkMaps, resolvePatch, type FeatureMaps, type PatchOptions } from './feature-maps.js';
import { RowSearch } from './row-search.js';
import { quickestRows } from './search-cost.js';
import type { FeatureMap } from './windows.js';

/** Where each position's patch is found again. */
export interface PatchMatch {
  /** For every position, the target's values at its match: `[N, C, H, W]`, the shape of the input. */
  readonly matched: Float32Array;
  /** `[N, H, W, 2]`: row and column in the target of the match's centre. */
  readonly correspondence: Int32Array;
  /** `[N, H, W]`: normalised cross-correlation of the two patches, -1 to 1. */
  readonly scores: Float32Array;
}

/** How matches are looked for: by comparing every pair, or by PatchMatch, which finds good ones soon. */
export type PatchSearch = 'exact' | 'approximate';
export const patchSearches = ['exact', 'approximate'] as const satisfies readonly PatchSearch[];

export interface PatchMatchOptions extends PatchOptions {
  /** @defaultValue `exact` */
  readonly search?: PatchSearch | undefined;
  /** Of the random numbers of an approximate search; the same seed finds the same. @defaultValue 0 */
  readonly seed?: number | undefined;
  /** Ends the work with the signal's reason as an error. */
  readonly signal?: AbortSignal | undefined;
  /** Is told of the part that is done, 0 to 1. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/**
 * Finds for every patch of one map the patch of another with the highest normalised cross-correlation,
 * `sum(a b) / (|a| |b| + 1e-9)` (Li and Wand 2016, equation 3). Holds the compiled graph for maps of one size; for a single
 * match there is {@link patchMatch}.
 *
 * At the borders only the taps count that lie inside both maps, in the product and in both norms: a patch in the corner of
 * one map is compared with a corner of a patch of the other. Of several best the first counts, by rows; scores that differ
 * by less than 2e-6 of their value are equal. The maps are compared block by block, so that the memory does not grow with
 * the number of pairs.
 * @example
 * ```ts
 * import { createNativeRuntime, PatchMatcher } from 'pastiche/engine';
 *
 * const runtime = createNativeRuntime();
 * const matcher = new PatchMatcher(runtime);
 * const target = { shape: [1, 2, 6, 6], values: Float32Array.from({ length: 72 }, (_, i) => Math.sin(i * i)) } as const;
 * for (const shift of [1, 2]) {
 *   const input = { ...target, values: target.values.map((value) => value + shift) };
 *   console.log((await matcher.match(input, target, { patch: 3 })).scores[0]);
 * }
 * await matcher.dispose();
 * await runtime.dispose();
 * ```
 */
export class PatchMatcher {
  private readonly blocks: BlockSearch;
  private readonly rows: RowSearch;

  /** @param runtime stays the caller's, who disposes it */
  constructor(runtime: Runtime) {
    this.blocks = new BlockSearch(runtime);
    this.rows = new RowSearch(runtime);
  }

  /**
   * @param input `[N, C, H, W]`
   * @param target `[N, C, H', W']`, or one map for all
   * @throws StyleError `E_ARGUMENT` for an even patch, a stride below 1 or an unknown search, `E_SHAPE` for channels or numbers of pictures
   * that differ, `E_NUMERIC` for values that are not finite, `E_MEMORY` for patches too large to be compared
   */
  async match(input: FeatureMaps, target: FeatureMaps, options: PatchMatchOptions = {}): Promise<PatchMatch> {
    const patch = resolvePatch(options);
    const { search = 'exact', seed = 0 } = options;
    if (!patchSearches.includes(search)) {
      throw argumentError(
        'search',
        `There is no search "${String(search)}".`,
        'Give exact, or approximate for large maps.',
      );
    }
    checkMaps(input, target);
    const [pictures, channels, height, width] = input.shape;
    const size = height * width;
    const result = {
      matched: new Float32Array(input.values.length),
      correspondence: new Int32Array(pictures * size * 2),
      scores: new Float32Array(pictures * size),
    };
    for (let picture = 0; picture < pictures; picture += 1) {
      const [a, b] = [mapOf(input, picture), mapOf(target, target.shape[0] === 1 ? 0 : picture)];
      const control: SearchControl = {
        signal: options.signal,
        onProgress: (done) => options.onProgress?.((picture + done) / pictures),
      };
      const comparison = comparisonOf(a, b, patch);
      const { matches, scores } =
        search === 'exact'
          ? await this.exact(comparison, control)
          : await approximateSearch(comparison, seed, (level, of) => this.exact(level, of), control);
      result.scores.set(scores, picture * size);
      for (let i = 0; i < size; i += 1) {
        const match = matches[i]!;
        result.correspondence[2 * (picture * size + i)] = Math.floor(match / b.width);
        result.correspondence[2 * (picture * size + i) + 1] = match % b.width;
        for (let channel = 0; channel < channels; channel += 1) {
          result.matched[(picture * channels + channel) * size + i] =
            b.values[channel * b.height * b.width + match]!;
        }
      }
    }
    return result;
  }

  /** Frees the compiled graphs. */
  async dispose(): Promise<void> {
    await Promise.all([this.blocks.dispose(), this.rows.dispose()]);
  }

  /** The search whose form is quicker for these maps. */
  private exact(comparison: Comparison, control: SearchControl): Promise<BestMatches> {
    const tiles = quickestRows(comparison);
    return tiles !== undefined
      ? this.rows.find(comparison, tiles, control)
      : this.blocks.find(comparison, control);
  }
}

function mapOf({ shape, values }: FeatureMaps, picture: number): FeatureMap {
  const [, channels, height, width] = shape;
  const size = channels * height * width;
  return { channels, height, width, values: values.subarray(picture * size, (picture + 1) * size) };
}

/**
 * Matches the patches of one map with those of another once; see {@link PatchMatcher}.
 * @throws StyleError as {@link PatchMatcher.match}
 * @example
 * ```ts
 * import { createNativeRuntime, patchMatch } from 'pastiche/engine';
 *
 * const runtime = createNativeRuntime();
 * const map = { shape: [1, 1, 4, 4], values: Float32Array.from({ length: 16 }, (_, i) => Math.sin(i * i)) } as const;
 * const { correspondence, scores } = await patchMatch(runtime, map, map);
 * console.log(correspondence.subarray(0, 2), scores[0]); // 0, 0 and 1: every patch finds itself
 * await runtime.dispose();
 * ```
 */
export async function patchMatch(
  runtime: Runtime,
  input: FeatureMaps,
  target: FeatureMaps,
  options: PatchMatchOptions = {},
): Promise<PatchMatch> {
  const matcher = new PatchMatcher(runtime);
  try {
    return await matcher.match(input, target, options);
  } finally {
    await matcher.dispose();
  }
}
