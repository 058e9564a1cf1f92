import { expect, it } from 'vitest';
import { layerDistances, layerHistograms } from '../../../src/methods/gram-instability/layer-measurement.js';

/** Measurements of a layer of two channels with two values each. */
const measured = (activations: readonly number[], gram: readonly number[]) => ({
  'x.activations': Float32Array.from(activations),
  'x.gram': Float32Array.from(gram),
  'x.mean': Float32Array.of((activations[0]! + activations[1]!) / 2, (activations[2]! + activations[3]!) / 2),
  'x.deviation': Float32Array.of(1, 2),
});
const sample = measured([0, 2, 4, 4], [1, 0, 0, 2]);

it('distances are relative to the sample, and those of histograms mind no order', () => {
  expect(layerDistances('x', sample, sample)).toEqual({
    ...{ layer: 'x', gram: 0, histogram: 0, mean: 0, deviation: 0 },
  });
  const other = layerDistances('x', measured([2, 1, 4, 4], [1, 2, 0, 2]), sample);
  expect(other.gram).toBeCloseTo(4 / 5, 6);
  // 1 and 2 are matched with 0 and 2.
  expect(other.histogram).toBeCloseTo(1 / 36, 6);
  // Means of 1.5 and 4 against 1 and 4.
  expect(other.mean).toBeCloseTo(Math.sqrt(0.25 / 17), 6);
  expect(other.deviation).toBe(0);
});

it('the channel that is counted by itself is the one furthest from the sample', () => {
  const gram = measured([0, 2, 4, 7], [1, 0, 0, 2]);
  const { channel, one, all } = layerHistograms('x', { sample, gram, both: sample });
  expect(channel).toBe(1);
  expect([one.centres[0]! > 4, one.centres.at(-1)! < 7]).toEqual([true, true]);
  expect([one.parts['sample']![0], one.parts['gram']![0], one.parts['both']![0]]).toEqual([1, 0.5, 1]);
  expect(one.parts['gram']!.at(-1)).toBe(0.5);
  expect([all.centres[0]! < 1, all.parts['sample']![0]]).toEqual([true, 0.25]);
});
