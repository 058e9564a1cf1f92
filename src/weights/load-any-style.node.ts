import type { AnyStyleModel } from '../networks/any-style-model.js';
import { loadMagenta } from './load-magenta.node.js';
import { loadStyleDecoderFrom } from './load-model.js';
import { modelLibrary } from './load-model.node.js';
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
  if (nameOrPath === magentaName) return { name: magentaName, weights: await loadMagenta(environment) };
  return loadStyleDecoderFrom(modelLibrary(environment), nameOrPath);
}
