import { StyleError } from '../errors.js';

export type VggArchitecture = 'vgg16' | 'vgg19';

/** Convolutions in each of the five blocks (Simonyan and Zisserman 2014, table 1, columns D and E). */
const convolutionsPerBlock: Record<VggArchitecture, readonly number[]> = {
  vgg16: [2, 2, 3, 3, 3],
  vgg19: [2, 2, 4, 4, 4],
};

export interface VggLayer {
  /** Block, from 1, and place in the block, from 1. */
  readonly block: number;
  readonly place: number;
  /** `conv4_2`, the name of its weights. */
  readonly name: string;
  /** Index of the convolution in torchvision's `features`. */
  readonly index: number;
}

/**
 * The convolutions in forward order.
 * @example
 * ```ts
 * import { vggLayers } from 'pastiche/engine';
 *
 * console.log(vggLayers('vgg16').map(({ name }) => name)); // conv1_1, conv1_2, ...
 * ```
 */
export function vggLayers(architecture: VggArchitecture): VggLayer[] {
  let index = 0;
  return convolutionsPerBlock[architecture].flatMap((count, block) => {
    const layers = Array.from({ length: count }, (_, place) => ({
      block: block + 1,
      place: place + 1,
      name: `conv${block + 1}_${place + 1}`,
      // Each convolution is followed by its ReLU, and each block by a pooling layer.
      index: index + 2 * place,
    }));
    index += 2 * count + 1;
    return layers;
  });
}

/** Name of a convolution's activations: `relu4_2` for `conv4_2`. */
export const reluName = (convolution: string): string => convolution.replace('conv', 'relu');

/** Where features are read: after a convolution, and whether before or after its ReLU. */
export interface FeatureLayer {
  readonly layer: VggLayer;
  readonly activated: boolean;
  /** Canonical name: `relu4_2`, or `conv4_2` before the ReLU. */
  readonly name: string;
}

/**
 * Finds a layer by any of the names people use:
 * `relu4_2` after the ReLU, `conv4_2` before it, Keras' `block4_conv2` (after the ReLU, which Keras keeps inside the
 * convolution), or an index into torchvision's `features`. An index of a convolution means what PyTorch code finds
 * there: the values after the ReLU, which is in place.
 * @throws StyleError `E_LAYER` that lists the layers
 * @example
 * ```ts
 * import { resolveLayer } from 'pastiche/engine';
 *
 * console.log(resolveLayer('vgg19', 'relu4_2').layer.index); // 21, its place in torchvision's list
 * ```
 */
export function resolveLayer(architecture: VggArchitecture, name: string): FeatureLayer {
  const layers = vggLayers(architecture);
  const text = name.trim().toLowerCase();
  const byPlace = /^(relu|conv)(\d)_(\d)$/.exec(text);
  const byBlock = /^block(\d)_conv(\d)$/.exec(text);
  const found = layers.find(({ block, place, index }) => {
    if (byPlace !== null) return block === Number(byPlace[2]) && place === Number(byPlace[3]);
    if (byBlock !== null) return block === Number(byBlock[1]) && place === Number(byBlock[2]);
    return /^\d+$/.test(text) && (index === Number(text) || index + 1 === Number(text));
  });
  if (found === undefined)
    throw unknownLayer(
      name,
      layers.map((layer) => reluName(layer.name)),
    );
  const activated = byPlace?.[1] !== 'conv';
  return { layer: found, activated, name: activated ? reluName(found.name) : found.name };
}

export function unknownLayer(name: string, available: readonly string[]): StyleError {
  return new StyleError(
    'E_LAYER',
    `There is no layer ${JSON.stringify(name)} in this network.`,
    `Its layers are ${available.join(', ')}.`,
  );
}
