import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { bfloat16ToFloat32, float32ToHalf, halfToFloat32 } from '../../src/formats/half-float.js';

const halfToNumber = (bits: number) => halfToFloat32(Uint16Array.of(bits))[0]!;
const numberToHalf = (value: number) => float32ToHalf([value])[0]!;
const bfloat16ToNumber = (bits: number) => bfloat16ToFloat32(Uint16Array.of(bits))[0]!;

/** Every finite binary16 number in rising order, built from the definition of the format with integer arithmetic. */
function allFiniteMagnitudes(): { bits: number; value: number }[] {
  const all = [];
  for (let bits = 0; bits < 0x7c00; bits++) {
    const exponent = Math.floor(bits / 1024);
    const fraction = bits % 1024;
    const steps = exponent === 0 ? fraction : (1024 + fraction) * 2 ** (exponent - 1);
    all.push({ bits, value: steps / 16777216 });
  }
  return all;
}

describe('binary16', () => {
  it('decodes and encodes every finite number of the format', () => {
    for (const { bits, value } of allFiniteMagnitudes()) {
      if (halfToNumber(bits) !== value || numberToHalf(value) !== bits) {
        expect({ bits, decoded: halfToNumber(bits), encoded: numberToHalf(value) }).toEqual({
          bits,
          decoded: value,
          encoded: bits,
        });
      }
    }
    expect(halfToNumber(0x3c00)).toBe(1);
    expect(halfToNumber(0x7bff)).toBe(65504);
  });

  it('has signs, infinities and not-a-number', () => {
    expect(halfToNumber(0xc000)).toBe(-2);
    expect(numberToHalf(-0)).toBe(0x8000);
    expect(halfToNumber(0xfc00)).toBe(-Infinity);
    expect(numberToHalf(1e6)).toBe(0x7c00);
    expect(numberToHalf(-65520)).toBe(0xfc00);
    expect(numberToHalf(65519)).toBe(0x7bff);
    expect(halfToNumber(0x7e01)).toBeNaN();
    expect(halfToNumber(numberToHalf(NaN))).toBeNaN();
  });

  it('rounds to the nearest number of the format, ties to even', () => {
    const all = allFiniteMagnitudes();
    const magnitudes = fc.oneof(
      fc.float({ min: 0, max: 65504, noNaN: true }),
      fc.float({ min: 0, max: Math.fround(2 ** -13), noNaN: true }),
    );
    fc.assert(
      fc.property(magnitudes, (value) => {
        const distance = Math.min(
          ...nearby(all, value).map((candidate) => Math.abs(candidate.value - value)),
        );
        const rounded = halfToNumber(numberToHalf(value));
        expect(Math.abs(rounded - value)).toBe(distance);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7bfe }), (bits) => {
        const middle = (halfToNumber(bits) + halfToNumber(bits + 1)) / 2;
        expect(numberToHalf(middle)).toBe(bits % 2 === 0 ? bits : bits + 1);
      }),
    );
  });
});

function nearby(all: { value: number }[], value: number): { value: number }[] {
  const above = all.findIndex((candidate) => candidate.value >= value);
  return all.slice(Math.max(0, above - 1), above + 1);
}

it('bfloat16 is the upper half of a float32', () => {
  expect(bfloat16ToNumber(0x3f80)).toBe(1);
  expect(bfloat16ToNumber(0xc2f7)).toBe(-123.5);
  expect(bfloat16ToNumber(0x7f80)).toBe(Infinity);
  expect(bfloat16ToNumber(0x0001)).toBe(2 ** -133);
});
