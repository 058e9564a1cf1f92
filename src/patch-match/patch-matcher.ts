import { throwIfAborted } from '../abort.js';
import { StyleError } from '../errors.js';
import type { Program, Runtime } from '../runtime/runtime.js';
import { forEachPosition, inputBlock, targetBlock, unitScale } from './block-inputs.js';
import { blockCorrelation, correlationBytes, equalScores } from './correlation.js';
import {
  checkMaps,
  patchOffsets,
  resolvePatch,
  type FeatureMaps,
  type PatchOptions,
} from './feature-maps.js';
import { cutIntoBlocks, windowSize, type Blocks, type FeatureMap } from './windows.js';

/** Where each position's patch is found again. */
export interface PatchMatch {
  /** For every position, the target's values at its match: `[N, C, H, W]`, the shape of the input. */
  readonly matched: Float32Array;
  /** `[N, H, W, 2]`: row and column in the target of the match's centre. */
  readonly correspondence: Int32Array;
  /** `[N, H, W]`: normalised cross-correlation of the two patches, -1 to 1. */
  readonly scores: Float32Array;
}

export interface PatchMatchOptions extends PatchOptions {
  /** Ends the work with the signal's reason as an error. */
  readonly signal?: AbortSignal | undefined;
  /** Is told of the part that is done, 0 to 1. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** Added to the product of the norms (of the maps as given), so that patches of zeros score 0. */
const epsilon = 1e-9;
/** Memory for two blocks of maps; more is needed only for patches of which one covers most of a picture. */
const mostBytes = 2e9;
/** Keeps a quotient of zeros a number where the maps are large and the epsilon in their scale vanishes. */
const smallestEpsilon = 1e-30;

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
  private program: Program | undefined;
  private programKey = '';

  /** @param runtime stays the caller's, who disposes it */
  constructor(private readonly runtime: Runtime) {}

  /**
   * @param input `[N, C, H, W]`
   * @param target `[N, C, H', W']`, or one map for all
   * @throws StyleError `E_ARGUMENT` for an even patch or a stride below 1, `E_SHAPE` for channels or numbers of pictures
   * that differ, `E_NUMERIC` for values that are not finite, `E_MEMORY` for patches too large to be compared
   */
  async match(input: FeatureMaps, target: FeatureMaps, options: PatchMatchOptions = {}): Promise<PatchMatch> {
    const { patch, stride } = resolvePatch(options);
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
      const { matches, scores } = await this.matchOne(a, b, patch, stride, {
        ...options,
        onProgress: (done) => options.onProgress?.((picture + done) / pictures),
      });
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

  /** Frees the compiled graph. */
  async dispose(): Promise<void> {
    const { program } = this;
    this.program = undefined;
    this.programKey = '';
    await program?.dispose();
  }

  private async matchOne(
    a: FeatureMap,
    b: FeatureMap,
    patch: number,
    stride: number,
    { signal, onProgress }: PatchMatchOptions,
  ): Promise<{ matches: Int32Array; scores: Float32Array }> {
    // A tap further away than the smaller map is long lies inside both of them for no pair of patches.
    const span = Math.max(Math.min(a.height, b.height), Math.min(a.width, b.width));
    const all = patchOffsets(patch, stride);
    const nearest = Math.min(...all.map(Math.abs));
    const counted = all.filter((offset) => Math.abs(offset) <= Math.max(span - 1, nearest));
    const reach = Math.max(...counted.map(Math.abs));
    const offsets = counted.map((offset) => offset + reach);
    const blocks = {
      input: cutIntoBlocks(a.height, a.width, reach),
      target: cutIntoBlocks(b.height, b.width, reach),
    };
    checkMemory(patch, correlationBytes({ ...blocks, offsets }));
    const program = await this.compiled(a.channels, blocks.input, blocks.target, offsets);
    const scale = { input: unitScale(a), target: unitScale(b) };
    const inputs = blocks.input.origins.map((origin) =>
      inputBlock(a, blocks.input, origin, offsets, scale.input),
    );
    const best = new BestMatches(a.height * a.width);
    const scaledEpsilon = Math.max(epsilon * scale.input * scale.target, smallestEpsilon);
    await program.bind({ epsilon: Float32Array.of(scaledEpsilon) });
    for (const [done, origin] of blocks.target.origins.entries()) {
      await program.bind(targetBlock(b, blocks.target, origin, offsets, scale.target));
      for (const [index, values] of inputs.entries()) {
        throwIfAborted(signal);
        const { score, match } = await program.run(values);
        forEachPosition(a, blocks.input, blocks.input.origins[index]!, (position, local) => {
          const start = match![local]!;
          const targetWidth = windowSize(blocks.target).width;
          const row = origin[0] + Math.floor(start / targetWidth);
          best.offer(position, row * b.width + origin[1] + (start % targetWidth), score![local]!);
        });
      }
      onProgress?.((done + 1) / blocks.target.origins.length);
    }
    return best;
  }

  private async compiled(
    channels: number,
    input: Blocks,
    target: Blocks,
    offsets: readonly number[],
  ): Promise<Program> {
    const sides = [input.height, input.width, target.height, target.width, input.reach];
    const key = [channels, ...sides, ...offsets].join();
    if (this.program !== undefined && this.programKey === key) return this.program;
    await this.dispose();
    this.program = await this.runtime.compile(blockCorrelation({ channels, input, target, offsets }));
    this.programKey = key;
    return this.program;
  }
}

/** @throws StyleError `E_MEMORY` */
function checkMemory(patch: number, bytes: number): void {
  if (bytes <= mostBytes) return;
  throw new StyleError(
    'E_MEMORY',
    `Comparing patches of side ${patch} on these maps would take about ${(bytes / 1e9).toFixed(1)} GB, and no more than ${mostBytes / 1e9} GB are used.`,
    'Use smaller patches, or a higher layer, whose positions are further apart.',
  );
}

/** The best match of every position so far, whatever the order that they are found in. */
class BestMatches {
  readonly matches: Int32Array;
  readonly scores: Float32Array;

  constructor(size: number) {
    this.matches = new Int32Array(size);
    this.scores = new Float32Array(size).fill(-Infinity);
  }

  offer(position: number, match: number, score: number): void {
    const before = this.scores[position]!;
    const tolerance = before === -Infinity ? 0 : equalScores * Math.abs(before);
    const better = score > before + tolerance;
    if (better || (score >= before - tolerance && match < this.matches[position]!)) {
      this.matches[position] = match;
    }
    this.scores[position] = Math.max(before, score);
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
