const scratch = new DataView(new ArrayBuffer(4));

/**
 * The number that an IEEE 754 binary16 bit pattern stands for.
 * @param bits 0 .. 65535
 */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * The IEEE 754 binary16 bit pattern nearest to a number, ties to even; magnitudes from 65520 up become infinity.
 * The number is first rounded to float32, as it is when it comes out of a Float32Array.
 */
export function numberToHalf(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
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
  const steps = Math.abs(scratch.getFloat32(0)) * 2 ** 24;
  const below = Math.floor(steps);
  const rest = steps - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 === 1);
  return sign | (below + (up ? 1 : 0));
}

/** The number that a bfloat16 bit pattern (the upper half of a float32) stands for. */
export function bfloat16ToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}
