import { sizeOf } from '../../src/graph/index.js';
import type { EnlargingModel } from '../../src/networks/enlarging-model.js';
import {
  enlargingNetworkShapes,
  type EnlargingNetworkOptions,
} from '../../src/networks/enlarging-network.js';
import { createRandom } from '../../src/random.js';

/** A narrow model of random numbers, whose pictures stay near the enlarged ones. */
export function toyEnlargingModel(options: Partial<EnlargingNetworkOptions> = {}, seed = 3): EnlargingModel {
  const design: EnlargingNetworkOptions = { factor: 4, width: 6, layers: 2, ...options };
  const random = createRandom(seed);
  const parameters = Object.fromEntries(
    Object.entries(enlargingNetworkShapes(design)).map(([name, shape]) => {
      const size = name === 'last.weight' ? 0.02 : 0.4;
      return [name, Float32Array.from({ length: sizeOf(shape) }, () => size * (2 * random.uniform() - 1))];
    }),
  );
  parameters['last.bias']!.fill(0);
  return { options: design, parameters, metadata: { made_by: 'a test' } };
}
