import type { AnyStyleModel } from '../networks/any-style-model.js';
import { loadMagenta } from './load-magenta.node.js';
import { loadStyleDecoderFrom } from './load-model.js';
import { modelLibrary } from './load-model.node.js';
import { loadNetwork } from './load-network.node.js';
import type { LoadedNetwork } from './models.js';
import { magentaName } from './registry.js';

/**
 * Loads a network that repaints after any painting: Magenta's by its name, or one of the training of any style by its name or its
 * file's path.
 * @throws StyleError `E_WEIGHTS_MISSING` where there is none; otherwise as `parseStyleDecoderModel` and `loadMagenta`
 */
export async function loadAnyStyleModel(
  nameOrPath: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LoadedNetwork<AnyStyleModel>> {
  const perceptual = (): ReturnType<typeof loadNetwork> => loadNetwork(undefined, environment);
  if (nameOrPath !== magentaName)
    return loadStyleDecoderFrom(modelLibrary(environment), nameOrPath, perceptual);
  const [magenta, { weights }] = await Promise.all([loadMagenta(environment), perceptual()]);
  return { name: magentaName, weights: { ...magenta, perceptual: weights } };
}
