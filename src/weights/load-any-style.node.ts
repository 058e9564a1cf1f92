import { basename } from 'node:path';
import { anyStyleModelOf, parseStyleDecoderModel } from '../networks/style-decoder-model.js';
import type { AnyStyleModel } from '../networks/any-style-model.js';
import { loadMagenta, magentaName } from './load-magenta.node.js';
import { modelPath, readModelFile } from './load-model.node.js';
import type { LoadedNetwork } from './models.js';

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
  const path = await modelPath(nameOrPath, environment, 'any style');
  const model = parseStyleDecoderModel(await readModelFile(path), basename(path));
  return { name: basename(path, '.onnx'), weights: anyStyleModelOf(nameOrPath, model) };
}
