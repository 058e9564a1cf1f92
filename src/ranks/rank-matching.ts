import { StyleError } from '../errors.js';
import { sortedOrder } from './sorted-order.js';

/**
 * How equal values are ranked:
 * - `stable`: they get different values, the smaller ones first in order of position, so that the result has exactly the
 *   target's distribution. This is for features.
 * - `mean`: they stay equal and get the mean of what their ranks stand for. The result is then a function of the value
 *   alone, as pictures need it: a clear sky must not become a ramp.
 */
export type TieRule = 'stable' | 'mean';

/** Sorted values of each channel, and their weight in a blend. */
interface Distribution {
  readonly sorted: readonly Float32Array[];
  readonly weight: number;
}

/**
 * Exact rank matching, channel by channel: the k-th smallest of n values becomes the value at rank k of a target
 * distribution, which is kept sorted (the remapping R of Risser, Wilmot and Barnes 2017, who use histograms
 * of bins; ranks are their limit and need no number of bins).
 *
 * With m target values, rank k of n stands at `(k + 1/2) / n * m - 1/2` among them, counted from 0, and what lies between
 * two is interpolated; where n = m these are the target's values.
 *
 * One target serves any number of matches, one at a time, and keeps its buffers.
 * @example
 * ```ts
 * import { RankTarget } from 'pastiche/engine';
 *
 * const target = RankTarget.of(Float32Array.of(10, 30, 20), 1);
 * console.log(target.match(Float32Array.of(0.5, 0.1, 0.9))); // 20, 10, 30
 * ```
 */
export class RankTarget {
  /** The target resampled to `count` ranks, cached: within a scale the count stays the same. */
  private table: { readonly count: number; readonly channels: readonly Float32Array[] } | undefined;
  private gathered = new Float32Array(0);

  private constructor(private readonly parts: readonly Distribution[]) {}

  /**
   * @param values `[C, ...]`: all values of the first channel, then of the next
   * @param positions which places within a channel count; all of them where left out
   * @throws StyleError `E_SHAPE` when the values don't divide by the channels or none is left; `E_NUMERIC` when one isn't finite
   */
  static of(values: Float32Array, channels: number, positions?: Uint32Array): RankTarget {
    const size = channelSize(values, channels);
    const count = positions?.length ?? size;
    if (count === 0) {
      throw new StyleError(
        'E_SHAPE',
        'A distribution needs at least one value, and there is none.',
        'Give at least one position, for example by a larger region.',
      );
    }
    const sorted = Array.from({ length: channels }, (_, channel) => {
      const gathered = new Float32Array(count);
      gather(values, channel * size, positions, gathered);
      return sortValues(gathered);
    });
    return new RankTarget([{ sorted, weight: 1 }]);
  }

  /**
   * The distribution between several: at each rank the weighted mean of theirs. In one dimension that is the barycentre
   * under the Wasserstein distance, so that two modes move towards each other rather than both appearing.
   * @param weights one for each target, not all 0; only their ratios matter
   * @throws StyleError `E_SHAPE` when the targets differ in channels, `E_ARGUMENT` when the weights don't fit
   */
  static blend(targets: readonly RankTarget[], weights: readonly number[]): RankTarget {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (weights.length !== targets.length || !(total > 0) || weights.some((weight) => weight < 0)) {
      throw new StyleError(
        'E_ARGUMENT',
        `The weights ${weights.join(', ')} don't fit ${targets.length} distributions.`,
        'Give one weight of 0 or more for each, not all 0.',
      );
    }
    const channels = targets[0]!.channels;
    for (const target of targets) checkChannels(target.channels, channels);
    return new RankTarget(
      targets.flatMap(({ parts }, index) =>
        parts.map(({ sorted, weight }) => ({ sorted, weight: (weight * weights[index]!) / total })),
      ),
    );
  }

  get channels(): number {
    return this.parts[0]!.sorted.length;
  }

  /**
   * The values, remapped so that each channel has the target's distribution.
   * @param values `[C, ...]`, as many channels as the target has and any number of values in each
   * @param options `positions`: the places within a channel that take part, the others keep their values; `ties`: `stable`
   * unless given; `result`: where to write, which may be `values` itself; a new array unless given
   * @returns `result`
   * @throws StyleError `E_SHAPE` when the channels or the length of `result` differ; `E_NUMERIC` when a value isn't finite
   */
  match(
    values: Float32Array,
    options: {
      readonly positions?: Uint32Array | undefined;
      readonly ties?: TieRule;
      readonly result?: Float32Array;
    } = {},
  ): Float32Array {
    const { positions, ties = 'stable', result = new Float32Array(values.length) } = options;
    const size = channelSize(values, this.channels);
    if (result.length !== values.length) {
      throw new StyleError(
        'E_SHAPE',
        `The result has room for ${result.length} values, and ${values.length} are to be matched.`,
        'Give an array of the same length.',
      );
    }
    const count = positions?.length ?? size;
    const table = this.ranks(count);
    if (positions !== undefined && this.gathered.length !== count) this.gathered = new Float32Array(count);
    if (positions !== undefined && result !== values) result.set(values);
    for (let channel = 0; channel < this.channels; channel += 1) {
      const offset = channel * size;
      let source = values.subarray(offset, offset + size);
      if (positions !== undefined) {
        source = this.gathered;
        gather(values, offset, positions, source);
      }
      const order = sortedOrder(source);
      const target = ties === 'stable' ? table[channel]! : meansOfTies(source, order, table[channel]!);
      if (positions === undefined) {
        for (let rank = 0; rank < count; rank += 1) result[offset + order[rank]!] = target[rank]!;
      } else {
        for (let rank = 0; rank < count; rank += 1) result[offset + positions[order[rank]!]!] = target[rank]!;
      }
    }
    return result;
  }

  /** The target's value at each of `count` ranks, by channel. */
  private ranks(count: number): readonly Float32Array[] {
    if (this.table?.count === count) return this.table.channels;
    const channels = Array.from({ length: this.channels }, (_, channel) => {
      const only = this.parts[0]!.sorted[channel]!;
      if (this.parts.length === 1 && only.length === count) return only;
      const sums = new Float64Array(count);
      for (const { sorted, weight } of this.parts) addAtRanks(sorted[channel]!, weight, sums);
      return Float32Array.from(sums);
    });
    this.table = { count, channels };
    return channels;
  }
}

/**
 * Matches values to others once; {@link RankTarget} is for matching repeatedly.
 * @param values `[C, ...]`
 * @param target `[C, ...]`, with any number of values in a channel
 * @throws StyleError `E_SHAPE` when the lengths don't divide by the channels, `E_NUMERIC` when a value isn't finite
 */
export function matchRanks(
  values: Float32Array,
  target: Float32Array,
  channels: number,
  ties: TieRule = 'stable',
): Float32Array {
  return RankTarget.of(target, channels).match(values, { ties });
}

/** Adds the weighted quantile at each of `sums.length` ranks, interpolated between the sorted values. */
function addAtRanks(sorted: Float32Array, weight: number, sums: Float64Array): void {
  const [count, last] = [sums.length, sorted.length - 1];
  for (let rank = 0; rank < count; rank += 1) {
    const place = Math.min(Math.max(((rank + 0.5) / count) * sorted.length - 0.5, 0), last);
    const below = Math.min(Math.floor(place), Math.max(last - 1, 0));
    const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, last)]!];
    sums[rank]! += weight * ((high - low) * (place - below) + low);
  }
}

/** The target of each rank where equal values stay equal. */
function meansOfTies(values: Float32Array, order: Uint32Array, target: Float32Array): Float32Array {
  const means = new Float32Array(target.length);
  for (let first = 0; first < means.length;) {
    const value = values[order[first]!];
    let [end, sum] = [first, 0];
    for (; end < means.length && values[order[end]!] === value; end += 1) sum += target[end]!;
    means.fill(sum / (end - first), first, end);
    first = end;
  }
  return means;
}

function sortValues(values: Float32Array): Float32Array {
  const order = sortedOrder(values);
  const sorted = new Float32Array(values.length);
  for (let rank = 0; rank < sorted.length; rank += 1) sorted[rank] = values[order[rank]!]!;
  return sorted;
}

function gather(
  values: Float32Array,
  offset: number,
  positions: Uint32Array | undefined,
  result: Float32Array,
): void {
  if (positions === undefined) result.set(values.subarray(offset, offset + result.length));
  else for (let i = 0; i < result.length; i += 1) result[i] = values[offset + positions[i]!]!;
}

function channelSize(values: Float32Array, channels: number): number {
  const size = values.length / channels;
  if (Number.isInteger(size) && size > 0) return size;
  throw new StyleError(
    'E_SHAPE',
    `${values.length} values are not ${channels} channels of equal length.`,
    'Give the number of channels that the values have.',
  );
}

function checkChannels(found: number, expected: number): void {
  if (found === expected) return;
  throw new StyleError(
    'E_SHAPE',
    `Distributions of ${found} and of ${expected} channels can't be blended.`,
    'Take them from the same layer of the same network.',
  );
}
