import { concat, slice } from '../graph/index.js';
import { carryColors } from '../images/carried-colors.js';
import type { AnyStyleModel } from './any-style-model.js';
import { conditionalNetwork } from './conditional-network.js';
import { fingerprintOf } from './fingerprint.js';
import {
  codeLength,
  codeOfMoments,
  colorLength,
  colorMomentsOf,
  paintingColors,
  styleMoments,
} from './style-code.js';
import { modelParameters, type StyleModel } from './style-model.js';
import type { VggWeights } from './vgg-weights.js';

/** The longer side of paintings in the training. */
const styleSide = 512;

/**
 * A network of the training of any style, with the perceptual network that codes come from. A code has the painting's colours at its
 * end, which a picture gets before it is painted: what a linear map can do the network has not to learn.
 * @param network one that takes as many numbers as {@link codeLength} has for these weights
 */
export function codedStyleModel(name: string, network: StyleModel, perceptual: VggWeights): AnyStyleModel {
  const length = codeLength(perceptual);
  return {
    name,
    // Codes depend on the perceptual network as well; that it is the one of the training was checked.
    fingerprint() {
      const names = Object.keys(network.parameters).sort();
      return fingerprintOf(names.map((key) => network.parameters[key]!));
    },
    network,
    perceptual,
    codeLength: length + colorLength,
    styleSize: { side: styleSide, square: false },
    code: (painting) =>
      concat([codeOfMoments(styleMoments(painting, perceptual)), paintingColors(painting)], 1),
    prepare: (picture, code) => carryColors(picture, colorMomentsOf(code.subarray(length))),
    paint: (picture, code) =>
      conditionalNetwork(
        picture,
        modelParameters(network),
        { code: slice(code, [0, 0], [1, length]) },
        network.options,
      ),
  };
}
