import type { AnyStyleModel } from './any-style-model.js';
import { conditionalNetwork } from './conditional-network.js';
import { codeLength, codeOfMoments, styleMoments } from './style-code.js';
import { modelParameters, type StyleModel } from './style-model.js';
import type { VggWeights } from './vgg-weights.js';

/** The longer side of paintings in the training. */
const styleSide = 512;

/** A network of ours for any painting. */
export interface CodedStyleModel extends AnyStyleModel {
  /** The network itself, which can be applied part by part. */
  readonly network: StyleModel;
}

/**
 * A network of the training of any style, with the perceptual network that codes come from.
 * @param network one that takes as many numbers as {@link codeLength} has for these weights
 */
export function codedStyleModel(name: string, network: StyleModel, perceptual: VggWeights): CodedStyleModel {
  return {
    name,
    network,
    codeLength: codeLength(perceptual),
    styleSize: { side: styleSide, square: false },
    code: (painting) => codeOfMoments(styleMoments(painting, perceptual)),
    paint: (picture, code) =>
      conditionalNetwork(picture, modelParameters(network), { code }, network.options),
  };
}
