import { basename } from 'node:path';
import { StyleError } from '../errors.js';
import { findModel, findModelByName, loadVggWeights, searched } from './model-files.node.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import type { LoadedNetwork } from './models.js';
import { defaultNetworks, networkNames } from './registry.js';

/**
 * Loads a network: a known one by its name, or any VGG-19 or VGG-16 by its file's path. Without either it is the first
 * that is installed of {@link defaultNetworks}; one of these comes with the package.
 * @throws StyleError `E_WEIGHTS_MISSING` when it is not installed or its name not known, with the known ones;
 * `E_INPUT_MISSING`, `E_INPUT_KIND` or `E_INPUT_PERMISSION` for a path that can't be read; `E_WEIGHTS_FORMAT` or
 * `E_WEIGHTS_CONTENT` for a file that is no VGG network
 * @example
 * ```ts
 * import { loadNetwork } from 'pastiche';
 *
 * const { weights } = await loadNetwork('pastiche-vgg');
 * console.log(weights.architecture); // vgg19
 * ```
 */
export async function loadNetwork(
  nameOrPath?: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LoadedNetwork<VggWeights>> {
  if (nameOrPath !== undefined) {
    const path = await findModel(nameOrPath, environment);
    return { name: basename(nameOrPath), weights: await loadVggWeights(path) };
  }
  for (const name of defaultNetworks) {
    const path = await findModelByName(name, environment);
    if (path !== undefined) return { name, weights: await loadVggWeights(path) };
  }
  throw new StyleError(
    'E_WEIGHTS_MISSING',
    `None of the networks ${defaultNetworks.join(', ')} is installed; searched: ${searched(environment)}.`,
    `Download one with pullModel("vgg19"), 80 MB; known networks: ${networkNames()}. Or put a file of weights into a folder ` +
      'and set PASTICHE_MODELS to that folder, or give the path of the file.',
    { option: 'network' },
  );
}
