import { createRandom } from '../../random.js';

/** A use of random numbers of its own, beside those of crops and conditions. */
const purpose = 4;
/** How often a crop is left as it is. */
const plainShare = 0.4;
/** Standard deviations of the logarithms of gamma and exposure; the exposure is rather up, as highlights are what is rare. */
const spread = { gamma: 0.3, exposure: 0.5 } as const;
const meanExposure = 0.25;

/**
 * Crops as a camera would have taken them with other exposures and contrasts, whites that are burnt out among them:
 * `min(1, e v^g)`. Collections of photographs have few of these, and what a network has never seen it paints in any colour.
 * @param pictures RGB in [0, 1], `count` pictures one after the other
 * @param first the number of the first one in the training
 */
export function withExposures(
  pictures: Float32Array,
  count: number,
  seed: number,
  first: number,
): Float32Array {
  const size = pictures.length / count;
  const exposed = pictures.slice();
  for (let picture = 0; picture < count; picture += 1) {
    const random = createRandom(seed, purpose, first + picture);
    if (random.uniform() < plainShare) continue;
    const gamma = Math.exp(spread.gamma * random.normal());
    const exposure = Math.exp(meanExposure + spread.exposure * random.normal());
    for (let i = picture * size; i < (picture + 1) * size; i += 1)
      exposed[i] = Math.min(1, exposure * exposed[i]! ** gamma);
  }
  return exposed;
}
