import type { AnyStyleModel } from './any-style-model.js';
import { conditionalNetwork } from './conditional-network.js';
import { fingerprintOf } from './fingerprint.js';
import { codeLength, codeOfMoments, styleMoments } from './style-code.js';
import { modelParameters, type StyleModel } from './style-model.js';
import type { VggWeights } from './vgg-weights.js';

/** The longer side of paintings in the training. */
const styleSide = 512;

/**
 * A network of the training of any style, with the perceptual network that codes come from.
 * @param network one that takes as many numbers as {@link codeLength} has for these weights
 */
export function codedStyleModel(name: string, network: StyleModel, perceptual: VggWeights): AnyStyleModel {
  return {
    name,
    // Codes depend on the perceptual network as well; that it is the one of the training was checked.
    fingerprint: fingerprintOf(
      Object.keys(network.parameters)
        .sort()
        .map((key) => network.parameters[key]!),
    ),
    network,
    perceptual,
    codeLength: codeLength(perceptual),
    styleSize: { side: styleSide, square: false },
    code: (painting) => codeOfMoments(styleMoments(painting, perceptual)),
    paint: (picture, code) =>
      conditionalNetwork(picture, modelParameters(network), { code }, network.options),
  };
}
