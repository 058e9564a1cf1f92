import { describe, expect, it } from 'vitest';
import { StyleBank, type BankedStyle } from '../../../src/training/any-style/style-bank.js';

const style = (value: number): BankedStyle => {
  const variation = { luma: value, chroma: value };
  const grams = { relu1_1: Float32Array.of(value, 10 * value) };
  const target = { grams, variation, wideVariation: variation };
  return { code: Float32Array.of(value, 3 * value), target };
};

describe('a bank of styles', () => {
  const bank = new StyleBank([1, 2, 4, 8].map(style), 3);
  const drawn = Array.from({ length: 400 }, (_, position) => bank.at(position));

  it('gives the same style at a position wherever it starts', () => {
    const again = new StyleBank([1, 2, 4, 8].map(style), 3);
    for (const position of [399, 17, 200]) expect(again.at(position)).toEqual(drawn[position]);
  });

  it('mixes a quarter of them, with all numbers between the same two', () => {
    const mixed = drawn.filter(({ code }) => ![1, 2, 4, 8].includes(code[0]!));
    expect(mixed.length).toBeGreaterThan(40);
    expect(mixed.length).toBeLessThan(120);
    for (const { code, target } of mixed) {
      const [value] = code as unknown as [number];
      expect(value).toBeGreaterThan(1);
      expect(value).toBeLessThan(8);
      expect(code[1]).toBeCloseTo(3 * value, 4);
      expect(target.grams['relu1_1']![1]).toBeCloseTo(10 * value, 4);
      expect(target.variation.chroma).toBeCloseTo(value, 5);
    }
  });

  it('gives all others equally often', () => {
    for (const value of [1, 2, 4, 8]) {
      const { length } = drawn.filter(({ code }) => code[0] === value);
      expect(length).toBeGreaterThan(50);
    }
  });
});
