import type { ConvolutionWeights, VggWeights } from '../../src/networks/vgg-weights.js';
import type { PaddingMode } from '../../src/graph/index.js';
import { Grid } from '../graph/grid.js';

/** Simonyan and Zisserman 2014, table 1, columns D and E: `M` is a pooling layer. */
const topologies = {
  vgg16: '1_1 1_2 M 2_1 2_2 M 3_1 3_2 3_3 M 4_1 4_2 4_3 M 5_1 5_2 5_3'.split(' '),
  vgg19: '1_1 1_2 M 2_1 2_2 M 3_1 3_2 3_3 3_4 M 4_1 4_2 4_3 4_4 M 5_1 5_2 5_3 5_4'.split(' '),
};

export type Architecture = keyof typeof topologies;

/** Names of the convolutions, in order. */
export const convolutionNames = (architecture: Architecture): string[] =>
  topologies[architecture].filter((item) => item !== 'M').map((place) => `conv${place}`);

/** A VGG of a few channels, made of numbers that keep its features at about the same size in every layer. */
export function narrowVgg(architecture: Architecture): VggWeights {
  let seed = 1;
  const next = (): number => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647 - 0.5;
  };
  const convolution = (inputChannels: number, outputChannels: number, kernel: number): ConvolutionWeights => {
    const taps = inputChannels * kernel ** 2;
    const weight = Float32Array.from(
      { length: outputChannels * taps },
      () => (4.5 * next()) / Math.sqrt(taps),
    );
    return {
      inputChannels,
      outputChannels,
      kernel,
      weight,
      bias: Float32Array.from({ length: outputChannels }, next),
    };
  };
  let channels = 3;
  const convolutions: Record<string, ConvolutionWeights> = {};
  for (const name of convolutionNames(architecture)) {
    const width = Number(name[4]) + 1;
    convolutions[name] = convolution(channels, width, 3);
    channels = width;
  }
  return {
    architecture,
    preprocess: convolution(3, 3, 1),
    convolutions,
    projections: {},
    source: { name: 'made up', format: 'test' },
  };
}

/** The features of every layer, before (`conv`) and after (`relu`) the activation, by plain loops over one picture. */
export function referenceFeatures(
  picture: Grid,
  weights: VggWeights,
  pooling: 'max' | 'average',
  padding: PaddingMode,
): Record<string, Grid> {
  const features: Record<string, Grid> = {};
  let value = convolve(picture, weights.preprocess, 'zero');
  for (const item of topologies[weights.architecture]) {
    if (item === 'M') value = halve(value, pooling);
    else {
      const before = convolve(value, weights.convolutions[`conv${item}`]!, padding);
      value = new Grid(
        before.shape,
        Array.from(before.data, (number) => (number > 0 ? number : 0)),
      );
      features[`conv${item}`] = before;
      features[`relu${item}`] = value;
    }
  }
  return features;
}

/** Where a place outside the picture takes its value from; -1 for nowhere. */
function source(place: number, length: number, padding: PaddingMode): number {
  if (place >= 0 && place < length) return place;
  if (padding === 'zero') return -1;
  if (padding === 'replicate') return place < 0 ? 0 : length - 1;
  return place < 0 ? -place : 2 * (length - 1) - place;
}

/** A convolution's numbers, in double precision where that matters. */
type Convolution = Omit<ConvolutionWeights, 'weight' | 'bias'> & {
  readonly weight: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
};

/** One convolution of a map `[C, H, W]` by plain loops; the map's size is kept. */
export function convolve(
  x: Grid,
  { outputChannels, inputChannels, kernel, weight, bias }: Convolution,
  padding: PaddingMode,
): Grid {
  const [height, width] = x.shape.slice(1) as [number, number];
  const w = new Grid([outputChannels, inputChannels, kernel, kernel], weight);
  const reach = (kernel - 1) / 2;
  return Grid.of([outputChannels, height, width], (k, row, column) => {
    let total = bias[k!]!;
    for (let c = 0; c < inputChannels; c += 1) {
      for (let dy = 0; dy < kernel; dy += 1) {
        for (let dx = 0; dx < kernel; dx += 1) {
          const [y, z] = [
            source(row! + dy - reach, height, padding),
            source(column! + dx - reach, width, padding),
          ];
          total += w.at(k!, c, dy, dx) * x.atOrZero(c, y, z);
        }
      }
    }
    return total;
  });
}

/** Pooling of a map `[C, H, W]` by plain loops. */
export function halve(x: Grid, pooling: 'max' | 'average'): Grid {
  const [channels, height, width] = x.shape as [number, number, number];
  return Grid.of([channels, Math.floor(height / 2), Math.floor(width / 2)], (c, row, column) => {
    const four = [0, 1, 2, 3].map((i) => x.at(c!, 2 * row! + (i >> 1), 2 * column! + (i & 1)));
    return pooling === 'max' ? Math.max(...four) : (four[0]! + four[1]! + four[2]! + four[3]!) / 4;
  });
}
