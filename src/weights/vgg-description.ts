import type { VggWeights } from '../networks/vgg-weights.js';
import { vggLayers } from '../networks/vgg-layers.js';

/** Output channels of every convolution of a block in the full networks (Simonyan and Zisserman 2014, table 1). */
const fullChannels = [64, 128, 256, 512, 512];

/** What a VGG network is, in a few numbers. */
export interface VggDescription {
  readonly architecture: VggWeights['architecture'];
  /** `full` when every layer has as many channels as VGG's own, else `compact`. */
  readonly width: 'full' | 'compact';
  /** Output channels of the first convolution of every block there is. */
  readonly channels: readonly number[];
  /** The last convolution there is, `conv5_4` in a complete VGG-19. */
  readonly last: string;
  /** Layers with a projection to the full network's space. */
  readonly projected: readonly string[];
  /** Numbers in all convolutions, without preprocessing and projections. */
  readonly parameters: number;
  /** One line for people: `VGG-19, full width (64, 128, 256, 512, 512), to conv5_4`. */
  readonly text: string;
}

/** Describes a VGG network: which, how wide, how deep. */
export function describeVggWeights(weights: VggWeights): VggDescription {
  const present = vggLayers(weights.architecture).filter(({ name }) =>
    Object.hasOwn(weights.convolutions, name),
  );
  const outputs = (name: string) => weights.convolutions[name]!.outputChannels;
  const full = present.every(({ name, block }) => outputs(name) === fullChannels[block - 1]);
  const channels = present.filter(({ place }) => place === 1).map(({ name }) => outputs(name));
  const last = present.at(-1)?.name ?? 'nothing';
  const projected = Object.keys(weights.projections);
  const parameters = Object.values(weights.convolutions).reduce(
    (sum, { weight, bias }) => sum + weight.length + bias.length,
    0,
  );
  const width = full ? 'full' : 'compact';
  const title = weights.architecture === 'vgg19' ? 'VGG-19' : 'VGG-16';
  const projections = projected.length > 0 ? `, projected at ${projected.join(', ')}` : '';
  const text = `${title}, ${width} width (${channels.join(', ')}), to ${last}${projections}`;
  return { architecture: weights.architecture, width, channels, last, projected, parameters, text };
}
