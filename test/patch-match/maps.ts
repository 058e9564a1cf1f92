import type { FeatureMaps } from '../../src/patch-match/feature-maps.js';
import type { FeatureMap } from '../../src/patch-match/windows.js';
import { createRandom } from '../../src/random.js';

/** Maps of normal numbers. */
export function randomMaps(shape: FeatureMaps['shape'], seed: number, scale = 1): FeatureMaps {
  const random = createRandom(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, values: Float32Array.from({ length: size }, () => scale * random.normal()) };
}

/** Maps of one value. */
export const filled = (shape: FeatureMaps['shape'], value: number): FeatureMaps => ({
  shape,
  values: new Float32Array(shape.reduce((product, length) => product * length, 1)).fill(value),
});

/** The first picture's map. */
export const mapOf = ({ shape: [, channels, height, width], values }: FeatureMaps): FeatureMap => ({
  channels,
  height,
  width,
  values,
});
