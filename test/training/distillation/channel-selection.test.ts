import { describe, expect, it } from 'vitest';
import { selectChannels } from '../../../src/training/distillation/channel-selection.js';
import { forAll, type Draw } from '../../graph/draw.js';

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

const momentsOf = (channels: readonly ArrayLike<number>[]): Float64Array =>
  Float64Array.from(channels.flatMap((one) => channels.map((other) => dot(one, other) / one.length)));

/** The mean square of what a linear combination of the chosen channels leaves of a channel (Gram and Schmidt, twice). */
function unexplained(channel: ArrayLike<number>, chosen: readonly ArrayLike<number>[]): number {
  const basis: number[][] = [];
  const without = (values: ArrayLike<number>): number[] => {
    let rest = Array.from(values);
    for (const axis of [...basis, ...basis]) {
      const share = dot(rest, axis);
      rest = rest.map((value, i) => value - share * axis[i]!);
    }
    return rest;
  };
  for (const one of chosen) {
    const rest = without(one);
    const length = Math.hypot(...rest);
    if (length > 1e-6 * (1e-6 + Math.hypot(...Array.from(one))))
      basis.push(rest.map((value) => value / length));
  }
  const rest = without(channel);
  return dot(rest, rest) / rest.length;
}

/** Correlated channels of different sizes. */
function randomChannels(draw: Draw, count: number, samples: number): Float64Array[] {
  const common = draw.numbers(samples);
  return Array.from({ length: count }, () => {
    const [own, scale, share] = [draw.numbers(samples), draw.integer(1, 20) / 4, draw.integer(0, 3) / 2];
    return Float64Array.from(own, (value, i) => scale * (value + share * common[i]!));
  });
}

describe('the choice of channels', () => {
  it('takes in each step the channel of which the chosen ones explain least', () =>
    forAll(40, async (draw) => {
      const count = draw.integer(2, 7);
      const channels = randomChannels(draw, count, 3 * count);
      const moments = momentsOf(channels);
      let before: number[] = [];
      for (let size = 1; size <= count; size += 1) {
        const chosen = selectChannels(moments, count, size);
        expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
        expect(chosen).toHaveLength(size);
        const added = chosen.filter((channel) => !before.includes(channel));
        expect(added, 'what was chosen stays chosen').toHaveLength(1);
        const left = channels.map((channel) =>
          unexplained(
            channel,
            before.map((one) => channels[one]!),
          ),
        );
        expect(left[added[0]!]!).toBeGreaterThanOrEqual(Math.max(...left) * (1 - 1e-9) - 1e-12);
        before = chosen;
      }
      await Promise.resolve();
    }));

  it('of uncorrelated channels takes the subset that explains most of all subsets', () =>
    forAll(30, async (draw) => {
      const count = draw.integer(2, 7);
      const variances = draw.permutation(count).map((rank) => (rank + 1) / 3);
      const moments = new Float64Array(count * count);
      variances.forEach((variance, i) => (moments[i * (count + 1)] = variance));
      const wanted = draw.integer(1, count);
      const explained = (subset: readonly number[]): number =>
        subset.reduce((sum, channel) => sum + variances[channel]!, 0);
      const subsets = Array.from({ length: 2 ** count }, (_, bits) =>
        variances.map((_variance, i) => i).filter((i) => (bits >> i) & 1),
      ).filter((subset) => subset.length === wanted);
      const chosen = selectChannels(moments, count, wanted);
      expect(explained(chosen)).toBeCloseTo(Math.max(...subsets.map(explained)), 12);
      await Promise.resolve();
    }));

  it('never takes channels that depend on each other while others are unexplained', () =>
    forAll(40, async (draw) => {
      const independent = draw.integer(1, 5);
      const base = randomChannels(draw, independent, 4 * independent + 4);
      const sums = Array.from({ length: draw.integer(1, 5) }, () => {
        const weights = base.map(() => draw.integer(-8, 8) / 2);
        return base[0]!.map((_, i) => base.reduce((sum, channel, k) => sum + weights[k]! * channel[i]!, 0));
      });
      const all = [...base, ...sums, new Float64Array(base[0]!.length)];
      const channels = draw.permutation(all.length).map((place) => all[place]!);
      const chosen = selectChannels(momentsOf(channels), channels.length, independent);
      const kept = chosen.map((one) => channels[one]!);
      for (const channel of channels) {
        expect(unexplained(channel, kept)).toBeLessThan(1e-9 * (1 + dot(channel, channel)));
      }
      await Promise.resolve();
    }));

  it('fills up with channels that tell nothing when more are asked for', () => {
    const channels = [
      [0, 0, 0],
      [1, 2, 3],
      [0, 0, 0],
      [2, 4, 6],
      [0, 0, 0],
    ];
    expect(selectChannels(momentsOf(channels), 5, 1)).toEqual([3]);
    const four = selectChannels(momentsOf(channels), 5, 4);
    expect(new Set(four).size).toBe(4);
    expect(four).toContain(3);
  });

  it('of all is all', () => {
    const moments = momentsOf([
      [1, 2],
      [2, 4],
      [0, 0],
    ]);
    expect(selectChannels(moments, 3, 3)).toEqual([0, 1, 2]);
    expect(selectChannels(moments, 3, 9)).toEqual([0, 1, 2]);
  });
});
