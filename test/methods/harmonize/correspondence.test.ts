import { describe, expect, it } from 'vitest';
import {
  consistentMatches,
  gatherPlaces,
  propagateMatches,
} from '../../../src/methods/harmonize/correspondence.js';

/** A map of one channel where every place has a value of its own, far from its neighbours'. */
const style = {
  channels: 1,
  height: 4,
  width: 5,
  values: Float32Array.from({ length: 20 }, (_, i) => (i * 7) % 20),
};
const everywhere = Uint32Array.from({ length: 20 }, (_, i) => i);
const itself = Int32Array.from(everywhere);

describe('consistentMatches', () => {
  it('keeps matches that agree', () => {
    expect(consistentMatches(style, itself, everywhere, 1)).toEqual(itself);
  });

  it('takes the place that the neighbours agree on', () => {
    const stray = Int32Array.from(itself);
    stray[7] = 19;
    expect(consistentMatches(style, stray, everywhere, 1)).toEqual(itself);
  });

  it('asks only the positions given, and changes only them', () => {
    const stray = Int32Array.from(itself);
    stray[7] = 19;
    expect(consistentMatches(style, stray, Uint32Array.of(7), 1)).toEqual(stray);
  });

  it('asks nobody where the reach is 0', () => {
    const random = Int32Array.from(everywhere, (i) => (i * 13) % 20);
    expect(consistentMatches(style, random, everywhere, 0)).toEqual(random);
  });
});

describe('propagateMatches', () => {
  const reference = { height: 2, width: 3 };

  it('keeps the place within, in a finer layer', () => {
    const layer = { height: 5, width: 6 };
    // The reference's place (0, 0) matches (1, 2); everything else (0, 0).
    const matches = Int32Array.of(5, 0, 0, 0, 0, 0);
    const positions = Uint32Array.from({ length: 30 }, (_, i) => i);
    const found = propagateMatches(matches, reference, layer, 2, positions);
    expect([found[0], found[1], found[6], found[7]]).toEqual([16, 17, 22, 23]);
    expect([found[2], found[3], found[8]]).toEqual([0, 1, 6]);
    // The odd last row lies beyond the reference's last one, and follows that one.
    expect(found[24]).toBe(12);
  });

  it('follows the middle, in a coarser layer', () => {
    const matches = new Int32Array(16);
    matches[5] = 12;
    matches[15] = 15;
    const [grid, layer] = [
      { height: 4, width: 4 },
      { height: 2, width: 2 },
    ];
    const found = propagateMatches(matches, grid, layer, 0.5, Uint32Array.of(0, 1, 3));
    expect(found).toEqual(Int32Array.of(2, 0, 3));
  });

  it('is the identity in the reference layer itself', () => {
    const matches = Int32Array.of(3, 5, 1, 0, 2, 4);
    const positions = Uint32Array.of(0, 2, 5);
    expect(propagateMatches(matches, reference, reference, 1, positions)).toEqual(Int32Array.of(3, 1, 4));
  });
});

describe('gatherPlaces', () => {
  it('keeps channels together', () => {
    const map = { channels: 2, height: 1, width: 3, values: Float32Array.of(1, 2, 3, 4, 5, 6) };
    expect(gatherPlaces(map, [2, 0])).toEqual(Float32Array.of(3, 1, 6, 4));
  });
});
