import { describe, expect, it } from 'vitest';
import { convertToSrgb, isSrgbProfile, readMatrixProfile } from '../../src/images/icc-profile.js';
import {
  curveTag,
  displayP3,
  expectClose,
  fixedTag,
  fromLinear,
  iccProfile,
  p3ToSrgb,
  scatter,
  srgbCurve,
} from './fixtures.js';

/** Interleaved 16-bit colours, converted to sRGB by a profile, as planes in [0, 1]. */
function converted(words: readonly number[], profile: Buffer): number[] {
  const planes = Float32Array.from(words, (word) => word / 65_535);
  convertToSrgb(planes, readMatrixProfile(profile)!);
  return [...planes];
}

const grid = scatter(3 * 500, 65_536);
const pixel = (i: number): number[] => [0, 1, 2].map((channel) => grid[channel * 500 + i]!);

/** The primaries of sRGB, so that a conversion changes the curve only. */
const primaries = {
  rXYZ: fixedTag('XYZ ', [0.4360747, 0.2225045, 0.0139322]),
  gXYZ: fixedTag('XYZ ', [0.3850649, 0.7168786, 0.0971045]),
  bXYZ: fixedTag('XYZ ', [0.1430804, 0.0606169, 0.7141733]),
};
const withCurve = (curve: Buffer): Buffer =>
  iccProfile('RGB ', { ...primaries, rTRC: curve, gTRC: curve, bTRC: curve });

describe('convertToSrgb', () => {
  it('converts Display P3 as published, to a part of 65536', () => {
    const actual = converted(grid, displayP3);
    const expected = Array.from({ length: 500 }, (_, i) => p3ToSrgb(pixel(i).map((word) => word / 65_535)));
    expectClose(
      actual,
      [0, 1, 2].flatMap((channel) => expected.map((colour) => colour[channel]!)),
      6e-4,
    );
    const mean =
      actual.reduce((sum, v, i) => sum + Math.abs(v - expected[i % 500]![Math.floor(i / 500)]!), 0) /
      actual.length;
    expect(mean).toBeLessThan(2e-5);
  });

  it('keeps white white and black black', () => {
    for (const profile of [displayP3, withCurve(srgbCurve)]) {
      expectClose(converted([65_535, 0, 65_535, 0, 65_535, 0], profile), [1, 0, 1, 0, 1, 0], 1e-6);
    }
  });

  it('knows every kind of curve', () => {
    const square = (x: number): number => x * x;
    const table = Array.from({ length: 1025 }, (_, i) => Math.round(65_535 * square(i / 1024)));
    const curves: [tag: Buffer, linear: (x: number) => number][] = [
      [curveTag([]), (x) => x],
      [curveTag([2.2 * 256]), (x) => x ** (Math.floor(2.2 * 256) / 256)],
      [curveTag(table), square],
      [fixedTag('para', [1.8], 0), (x) => x ** 1.8],
      [fixedTag('para', [2, 1.25, -0.25], 1), (x) => (x >= 0.2 ? (1.25 * x - 0.25) ** 2 : 0)],
      [fixedTag('para', [2, 1, -0.25, 0.125], 2), (x) => (x >= 0.25 ? (x - 0.25) ** 2 : 0) + 0.125],
      [fixedTag('para', [2, 1, 0, 0.5, 0.5], 3), (x) => (x >= 0.5 ? x * x : x / 2)],
      [
        fixedTag('para', [2, 0.5, 0.25, 0.25, 0.5, 0.125, 0.0625], 4),
        (x) => (x >= 0.5 ? (x / 2 + 0.25) ** 2 + 0.125 : x / 4 + 0.0625),
      ],
    ];
    const words = Array.from({ length: 99 }, (_, i) => 600 * i + 3000);
    for (const [tag, linear] of curves) {
      // Grey, so that the primaries play no part: three equal planes.
      const actual = converted([...words, ...words, ...words], withCurve(tag)).slice(0, 99);
      expectClose(
        actual,
        words.map((word) => fromLinear(Math.min(1, linear(word / 65_535)))),
        1e-4,
      );
    }
  });

  it('converts grey profiles by their curve', () => {
    const words = [0, 1000, 30_000, 65_535];
    const actual = converted([...words, ...words, ...words], iccProfile('GRAY', { kTRC: curveTag([]) }));
    expectClose(
      actual.slice(8),
      words.map((word) => fromLinear(word / 65_535)),
      1e-5,
    );
  });
});

describe('readMatrixProfile', () => {
  it('leaves tables, other kinds and broken profiles to others', () => {
    expect(readMatrixProfile(displayP3)).toBeDefined();
    const tags = { rTRC: srgbCurve, gTRC: srgbCurve, bTRC: srgbCurve };
    expect(
      readMatrixProfile(iccProfile('RGB ', { ...primaries, ...tags, A2B0: Buffer.alloc(32) })),
    ).toBeUndefined();
    expect(readMatrixProfile(iccProfile('RGB ', tags))).toBeUndefined();
    expect(readMatrixProfile(iccProfile('RGB ', primaries))).toBeUndefined();
    expect(readMatrixProfile(withCurve(fixedTag('para', [1], 9)))).toBeUndefined();
    for (const length of [0, 40, 130, 200, 300])
      expect(readMatrixProfile(displayP3.subarray(0, length))).toBeUndefined();
    expect(readMatrixProfile(Buffer.alloc(500, 7))).toBeUndefined();
  });
});

describe('isSrgbProfile', () => {
  it('tells sRGB from what only resembles it', () => {
    expect(isSrgbProfile(readMatrixProfile(withCurve(srgbCurve))!)).toBe(true);
    expect(isSrgbProfile(readMatrixProfile(withCurve(curveTag([2.2 * 256])))!)).toBe(false);
    expect(isSrgbProfile(readMatrixProfile(displayP3)!)).toBe(false);
  });
});
