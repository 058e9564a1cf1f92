import type { Image } from '../../images/image.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { picturesOf, type PictureSet } from '../method.js';

/**
 * Settings, network and pictures in short: other ones give another text. The number of steps may change: more can be
 * asked for.
 */
export function fingerprint(
  settings: object,
  { preprocess, convolutions }: VggWeights,
  pictures: PictureSet,
): string {
  const { iterations: _, totalIterations: __, ...kept } = settings as Record<string, unknown>;
  // The biases of two networks differ as much as their weights, and are few.
  const layers = [preprocess, ...Object.values(convolutions)].map(({ bias }) => checksum(bias));
  const roles = Object.keys(pictures)
    .sort()
    .map((role) => [
      role,
      picturesOf(pictures, role).map((picture) =>
        typeof picture === 'string' ? picture : pictureText(picture),
      ),
    ]);
  return JSON.stringify({ settings: kept, network: layers.join(','), pictures: Object.fromEntries(roles) });
}

/** Colours are matched by what is visible, and a result has a picture's transparency. */
const pictureText = ({ width, height, rgb, alpha }: Image): string =>
  `${width}x${height}:${checksum(rgb)}${alpha === undefined ? '' : `:${checksum(alpha)}`}`;

/** FNV-1a over the 32-bit patterns. */
function checksum(values: Float32Array): string {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let hash = 0x811c9dc5;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193) >>> 0;
  return hash.toString(16);
}
