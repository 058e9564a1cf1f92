import { basename } from 'node:path';
import { StyleError } from '../errors.js';
import type { AnyStyleModel } from '../networks/any-style-model.js';
import { codedStyleModel } from '../networks/any-style.js';
import { isForeignModel } from '../networks/picture-model.js';
import { codeLength } from '../networks/style-code.js';
import { loadMagenta, magentaName } from './load-magenta.node.js';
import { loadModel } from './load-model.node.js';
import { loadNetwork } from './load-network.node.js';
import type { LoadedNetwork } from './models.js';

/**
 * Loads a network that repaints after any painting: Magenta's by its name, or one of the training of any style by its name or its
 * file's path.
 * @throws StyleError `E_WEIGHTS_MISSING` where there is none; `E_WEIGHTS_CONTENT` for a model that knows some styles only, and one whose
 * perceptual network is another; otherwise as `loadModel` and `loadMagenta`
 */
export async function loadAnyStyleModel(
  nameOrPath: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LoadedNetwork<AnyStyleModel>> {
  if (nameOrPath === magentaName) {
    const [magenta, { weights: perceptual }] = await Promise.all([
      loadMagenta(environment),
      loadNetwork(undefined, environment),
    ]);
    return { name: magentaName, weights: { ...magenta, perceptual } };
  }
  const { name, weights: model } = await loadModel(nameOrPath, environment);
  if ('code' in model || isForeignModel(model) || model.options.code === undefined)
    throw notCoded(basename(nameOrPath));
  const { options } = model;
  const perceptual = await loadNetwork(model.metadata['loss_network'], environment);
  const length = codeLength(perceptual.weights);
  if (options.code !== length) {
    throw new StyleError(
      'E_WEIGHTS_CONTENT',
      `"${name}" takes codes of ${options.code} numbers, and ${perceptual.name} makes codes of ${length}.`,
      'Use the network that it was trained with.',
      { option: 'model' },
    );
  }
  return { name, weights: codedStyleModel(nameOrPath, model, perceptual.weights) };
}

const notCoded = (name: string): StyleError =>
  new StyleError(
    'E_WEIGHTS_CONTENT',
    `"${name}" does not take the code of a painting: it paints the styles that it was trained for.`,
    'Use it with the method apply, or give a model of the training of any style.',
    { option: 'model' },
  );
