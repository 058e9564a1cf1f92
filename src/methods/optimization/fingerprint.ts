import type { Image } from '../../images/image.js';
import { wholeOf } from '../../images/raster.js';
import type { ConvolutionWeights, VggWeights } from '../../networks/vgg-weights.js';
import { picturesOf, type PictureSet } from '../method.js';

/**
 * Settings, network and pictures in short: other ones give another text. The number of steps may change: more can be
 * asked for.
 * @param steps further settings that are numbers of steps
 */
export function fingerprint(
  settings: object,
  { architecture, preprocess, convolutions, projections }: VggWeights,
  pictures: PictureSet,
  steps: readonly string[] = [],
): string {
  const notKept = ['iterations', 'totalIterations', ...steps];
  const kept = Object.fromEntries(Object.entries(settings).filter(([name]) => !notKept.includes(name)));
  const network = [
    architecture,
    ...[{ preprocess }, convolutions, projections].flatMap((layers) =>
      Object.entries(layers).map(([name, layer]) => `${name}:${layerText(layer)}`),
    ),
  ];
  const roles = Object.keys(pictures)
    .sort()
    .map((role) => [
      role,
      picturesOf(pictures, role).map((picture) =>
        typeof picture === 'string' ? picture : pictureText(wholeOf(picture)),
      ),
    ]);
  return JSON.stringify({ settings: kept, network: network.join(','), pictures: Object.fromEntries(roles) });
}

/** Colours are matched by what is visible, and a result has a picture's transparency. */
const pictureText = ({ width, height, rgb, alpha }: Image): string =>
  `${width}x${height}:${checksum(rgb)}${alpha === undefined ? '' : `:${checksum(alpha)}`}`;

/** Every value counts: networks may differ in their kernels alone, or in one layer of them. */
const layerText = ({ kernel, weight, bias }: ConvolutionWeights): string =>
  `${kernel}x${kernel}:${checksum(weight)}:${checksum(bias)}`;

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** MurmurHash3 of 32 bits over the values' bit patterns, without its last mixing: VGG-19 takes a tenth of a second. */
function checksum(values: Float32Array): string {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length);
  let hash = values.length;
  for (let i = 0; i < words.length; i += 1) {
    const mixed = Math.imul(rotate(Math.imul(words[i]!, 0xcc9e2d51), 15), 0x1b873593);
    hash = (Math.imul(rotate(hash ^ mixed, 13), 5) + 0xe6546b64) | 0;
  }
  return (hash >>> 0).toString(16);
}
