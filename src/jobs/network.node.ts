import { basename } from 'node:path';
import { StyleError } from '../errors.js';
import { defaultNetworks, stylizePresets, type StylizePresetName } from '../methods/stylize/presets.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import { findModel, findModelByName, loadVggWeights, modelFolders } from '../weights/model-files.node.js';

/** The weights that a piece of work uses, and what they are called. */
export interface LoadedNetwork {
  /** The name that was asked for or found; of a path, the file's own name. */
  readonly name: string;
  readonly weights: VggWeights;
}

/**
 * Loads the network that was asked for, or else the preset's own. The preset `default` takes the first that is here of
 * {@link defaultNetworks}.
 * @throws StyleError `E_WEIGHTS_MISSING` with the command that gets one, and those of {@link loadVggWeights}
 */
export async function loadNetwork(preset: string, nameOrPath?: string): Promise<LoadedNetwork> {
  const wanted =
    nameOrPath ?? (preset === 'default' ? undefined : stylizePresets[preset as StylizePresetName].network);
  if (wanted !== undefined) {
    return { name: basename(wanted), weights: await loadVggWeights(await findModel(wanted)) };
  }
  for (const name of defaultNetworks) {
    const path = await findModelByName(name);
    if (path !== undefined) return { name, weights: await loadVggWeights(path) };
  }
  const folders = modelFolders()
    .map((folder) => `'${folder}'`)
    .join(', ');
  throw new StyleError(
    'E_WEIGHTS_MISSING',
    `There are no weights of a network on this machine; looked for ${defaultNetworks.join(', ')} in ${folders}.`,
    'Get one: npx pastiche models pull vgg19 (80 MB). Or put a file of weights into a folder and set PASTICHE_MODELS to ' +
      'that folder, or give the file itself: --network FILE.',
  );
}
