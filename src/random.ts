import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A sequence of random numbers that depends on its seed alone. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Normal with mean 0 and standard deviation 1. */
  normal(): number;
}

/** The finaliser of MurmurHash3 (Appleby): every bit of the result depends on every bit of the word. */
function scramble(word: number): number {
  const first = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}

/** One number from several; the generator's first draws are alike where it starts from numbers that are neighbours. */
const mix = (words: readonly number[]): number =>
  words.reduce((hash, word) => scramble((Math.imul(hash, 5) + 0xe6546b64) ^ word), 0x9e3779b9);

/**
 * A sequence for a seed, and for what else it is drawn for: sequences of neighbouring numbers have nothing in common.
 * @param seed a whole number, whose lowest 32 bits count
 * @param others likewise
 * @example
 * ```ts
 * import { createImage } from 'pastiche';
 * import { createRandom } from 'pastiche/engine';
 *
 * const random = createRandom(7);
 * const values = Float32Array.from({ length: 3 * 64 * 48 }, () => 0.5 + 0.1 * random.normal());
 * const noise = createImage(64, 48, values);
 * ```
 */
export function createRandom(seed: number, ...others: readonly number[]): Random {
  const generator = xoroshiro128plus(mix([seed, ...others]));
  const uniform = (): number => uniformFloat64(generator);
  return {
    uniform,
    // Box and Muller 1958; 1 - u keeps the logarithm's argument above 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}
