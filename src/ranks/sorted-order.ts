import { StyleError } from '../errors.js';

/** Bits of the key that one pass sorts by: three passes for 32 bits, with counters that fit the first cache. */
const digitBits = 11;
const passes = 3;
const buckets = 1 << digitBits;
const digit = buckets - 1;

/** Reused from call to call, and enlarged when a longer row comes. */
let buffers = { length: 0, from: new Uint32Array(0), to: new Uint32Array(0), order: new Uint32Array(0) };
const counts = new Uint32Array(passes * buckets);

function reserve(length: number): typeof buffers {
  if (buffers.length < length) {
    // A key and its index side by side touch half as many cache lines as two arrays.
    const [from, to] = [new Uint32Array(2 * length), new Uint32Array(2 * length)];
    buffers = { length, from, to, order: new Uint32Array(length) };
  }
  return buffers;
}

/**
 * The indices that sort values in ascending order; equal values keep their order, and -0 equals 0. A radix sort over the
 * bits of the numbers, which sort as integers once those of negative numbers are inverted.
 * @returns a view of a buffer that the next call overwrites
 * @throws StyleError `E_NUMERIC` when a value isn't finite
 */
export function sortedOrder(values: Float32Array): Uint32Array {
  const count = values.length;
  let { from, to } = reserve(count);
  const { order } = buffers;
  countDigits(values, from);
  const needed: number[] = [];
  for (let pass = 0; pass < passes && count > 0; pass += 1) {
    // Values that agree in these bits, as those of a constant map do in all, are sorted by them already.
    const first = (from[0]! >>> (pass * digitBits)) & digit;
    if (counts[pass * buckets + first] !== count) needed.push(pass);
  }
  for (const pass of needed.slice(0, -1)) {
    sortByDigit(from, to, count, pass);
    [from, to] = [to, from];
  }
  const last = needed.at(-1);
  if (last === undefined) for (let i = 0; i < count; i += 1) order[i] = i;
  else writeOrder(from, order, count, last);
  return order.subarray(0, count);
}

/** Writes each value's key and index, and counts the keys with each digit. */
function countDigits(values: Float32Array, pairs: Uint32Array): void {
  counts.fill(0);
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i += 1) {
    const bit = bits[i]!;
    if ((bit & 0x7f800000) === 0x7f800000) throw notFinite(values[i]!, i);
    // 2^31 plus or minus the magnitude, the same for both zeros; without a branch, which would often be mispredicted.
    const sign = bit >> 31;
    const key = (((bit ^ sign) - sign + (~sign & 0x80000000)) | 0) >>> 0;
    pairs[2 * i] = key;
    pairs[2 * i + 1] = i;
    counts[key & digit]! += 1;
    counts[buckets + ((key >>> digitBits) & digit)]! += 1;
    counts[2 * buckets + (key >>> (2 * digitBits))]! += 1;
  }
}

/** Turns the counts of a pass into the first position of each digit (a prefix sum). */
function startsOf(pass: number): Uint32Array {
  const starts = counts.subarray(pass * buckets, (pass + 1) * buckets);
  let start = 0;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const size = starts[bucket]!;
    starts[bucket] = start;
    start += size;
  }
  return starts;
}

function sortByDigit(from: Uint32Array, to: Uint32Array, count: number, pass: number): void {
  const starts = startsOf(pass);
  const shift = pass * digitBits;
  for (let i = 0; i < 2 * count; i += 2) {
    const key = from[i]!;
    const bucket = (key >>> shift) & digit;
    const place = starts[bucket]!;
    starts[bucket] = place + 1;
    to[2 * place] = key;
    to[2 * place + 1] = from[i + 1]!;
  }
}

/** The last pass, which needs no keys any more. */
function writeOrder(from: Uint32Array, order: Uint32Array, count: number, pass: number): void {
  const starts = startsOf(pass);
  const shift = pass * digitBits;
  for (let i = 0; i < 2 * count; i += 2) {
    const bucket = (from[i]! >>> shift) & digit;
    const place = starts[bucket]!;
    starts[bucket] = place + 1;
    order[place] = from[i + 1]!;
  }
}

function notFinite(value: number, place: number): StyleError {
  return new StyleError(
    'E_NUMERIC',
    `Value ${place} of a channel is ${value}, which has no rank.`,
    'Lower the learning rate or the weights that made it, or check the picture that it comes from.',
  );
}
