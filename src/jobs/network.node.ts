import { stylizePresets, type StylizePresetName } from '../methods/stylize/presets.js';
import * as weights from '../weights/load-network.node.js';

export type { LoadedNetwork } from '../weights/load-network.node.js';

/**
 * Loads the network that was asked for, or else the preset's own; that of the preset `default` is the first that is
 * installed of the default networks.
 * @throws StyleError as the loader of the room `weights` does
 */
export function loadNetwork(preset: string, nameOrPath?: string): Promise<weights.LoadedNetwork> {
  const own = preset === 'default' ? undefined : stylizePresets[preset as StylizePresetName].network;
  return weights.loadNetwork(nameOrPath ?? own);
}
