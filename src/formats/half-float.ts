/** IEEE 754 binary16 ("half") and bfloat16, which JavaScript of Node 20 has no arrays for. */

/** All numbers of binary16 by bit pattern, computed at the first use. */
let halves: Float32Array | undefined;

/** The numbers that binary16 bit patterns stand for. */
export function halfToFloat32(patterns: Uint16Array): Float32Array {
  const numbers = new Float32Array(patterns.length);
  readHalves(patterns, 0, patterns.length, numbers, 0);
  return numbers;
}

/** Writes the numbers that the patterns from one index to before another stand for into an array. @param at where the first one goes */
export function readHalves(
  patterns: Uint16Array,
  from: number,
  to: number,
  numbers: Float32Array,
  at: number,
): void {
  halves ??= Float32Array.from({ length: 0x10000 }, (_, bits) => halfNumber(bits));
  for (let index = from; index < to; index++) numbers[at + index - from] = halves[patterns[index]!]!;
}

/** The largest number of binary16. */
export const largestHalf = 65504;

/** Writes the patterns nearest to numbers into an array; magnitudes that are too large become the largest. @param at where the first goes */
export function writeHalves(numbers: Float32Array, patterns: Uint16Array, at: number): void {
  for (let index = 0; index < numbers.length; index++) {
    one[0] = Math.min(Math.max(numbers[index]!, -largestHalf), largestHalf);
    patterns[at + index] = halfPattern(oneBits[0]!, one[0]);
  }
}

/** One number, and its bits. */
const one = new Float32Array(1);
const oneBits = new Uint32Array(one.buffer);

function halfNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * The binary16 bit patterns nearest to numbers, ties to even; magnitudes from 65520 up become infinity.
 * Each number is first rounded to float32.
 */
export function float32ToHalf(numbers: ArrayLike<number>): Uint16Array {
  const float = Float32Array.from(numbers);
  const bits = new Uint32Array(float.buffer);
  const patterns = new Uint16Array(float.length);
  for (let index = 0; index < float.length; index++)
    patterns[index] = halfPattern(bits[index]!, float[index]!);
  return patterns;
}

/** @param bits those of the number as float32 */
function halfPattern(bits: number, number: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    // A normal half. Rounding may carry into the exponent, which is right: the next binade, or infinity.
    const rebased = magnitude - 0x38000000;
    return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
  }
  // A subnormal half counts steps of 2^-24.
  const steps = Math.abs(number) * 2 ** 24;
  const below = Math.floor(steps);
  const rest = steps - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 === 1);
  return sign | (below + (up ? 1 : 0));
}

/** The numbers that bfloat16 bit patterns stand for: the upper halves of float32. */
export function bfloat16ToFloat32(patterns: Uint16Array): Float32Array {
  const bits = Uint32Array.from(patterns, (pattern) => pattern << 16);
  return new Float32Array(bits.buffer);
}
