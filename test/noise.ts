import { createRandom } from '../src/random.js';

/** Values in 0 to 1 that are the same for a seed. */
export function noise(count: number, seed = 1): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: count }, () => random.uniform());
}
