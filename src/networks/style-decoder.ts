import {
  add,
  concat,
  convolution,
  crop,
  divide,
  mean,
  multiply,
  pad,
  relu,
  reshape,
  slice,
  square,
  subtract,
  type NamedTensors,
  type Shape,
  type Tensor,
} from '../graph/index.js';
import { upsampledConvolution } from './upsampled-convolution.js';
import { layerChannels, sameSizeConvolution, vggLayerFeatures } from './vgg.js';
import { resolveLayer, vggLayers } from './vgg-layers.js';
import type { VggWeights } from './vgg-weights.js';
import { momentCount, secondMoments, whitenAndColor } from './whitening-coloring.js';

/** The layers whose statistics are a style's code, from the picture on. */
export const codeLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1'] as const;
type CodeLayer = (typeof codeLayers)[number];

/** What is coloured, in the order in which it is done: maps from the deepest on, at last the picture. */
export const coloredMaps = ['relu4_1', 'relu3_1', 'relu2_1', 'relu1_1', 'rgb'] as const;
export type ColoredMap = (typeof coloredMaps)[number];

export interface StyleDecoderOptions {
  /** Channels of the encoder's blocks. */
  readonly channels: readonly [number, number, number, number];
  /** Residual blocks at the deepest layer, and as many at the one above it. */
  readonly blocks: number;
}

/** The encoder's convolutions: those of VGG-19 up to the last of {@link codeLayers}. */
const architecture = 'vgg19';
const encoderConvolutions = vggLayers(architecture).filter(
  ({ index }) => index <= resolveLayer(architecture, codeLayers.at(-1)!).layer.index,
);
const features = { pooling: 'max', padding: 'reflect' } as const;

/** Pictures get so many more rows and columns, so that maps which are halved three times still cover them. */
const margin = 8;

const encoderName = (layer: string): string => `encoder.${layer}`;

/**
 * The design for an encoder that is the beginning of a perceptual network.
 * @throws StyleError `E_LAYER` for a network without the layers
 */
export function styleDecoderOptions(network: VggWeights, blocks: number): StyleDecoderOptions {
  const [first, second, third, fourth] = codeLayers.map((layer) => layerChannels(network, layer));
  return { channels: [first!, second!, third!, fourth!], blocks };
}

/** The numbers of such an encoder. */
export function encoderValues(network: VggWeights): Record<string, Float32Array> {
  const convolutions = [
    ['preprocess', network.preprocess] as const,
    ...encoderConvolutions.map(({ name }) => [name, network.convolutions[name]!] as const),
  ];
  return Object.fromEntries(
    convolutions.flatMap(([name, { weight, bias }]) => [
      [`${encoderName(name)}.weight`, weight] as const,
      [`${encoderName(name)}.bias`, bias] as const,
    ]),
  );
}

/** The encoder's parameters by the names that the network has for them. */
export function encoderShapes({ channels }: StyleDecoderOptions): Record<string, Shape> {
  let before = 3;
  const shapes: Record<string, Shape> = {
    [`${encoderName('preprocess')}.weight`]: [3, 3, 1, 1],
    [`${encoderName('preprocess')}.bias`]: [3],
  };
  for (const { name, block } of encoderConvolutions) {
    const count = channels[block - 1]!;
    shapes[`${encoderName(name)}.weight`] = [count, before, 3, 3];
    shapes[`${encoderName(name)}.bias`] = [count];
    before = count;
  }
  return shapes;
}

/** What leads from the map of a layer to the one before it. */
interface Level {
  readonly layer: CodeLayer;
  /** The layer whose map comes out, but for the last, which makes the picture. */
  readonly next?: CodeLayer;
  readonly convolutions: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  readonly residual: readonly string[];
  readonly channels: number;
}

function levelsOf({ channels, blocks }: StyleDecoderOptions): Level[] {
  return codeLayers
    .map((layer, index): Level => {
      const count = channels[index]!;
      const name = (part: string): string => `level${index + 1}.${part}`;
      const to = channels[index - 1];
      const residual = Array.from({ length: index < 2 ? 0 : blocks }, (_, i) => name(`residual${i + 1}`));
      if (to === undefined) {
        const convolutions = [
          { name: name('first'), from: count, to: count },
          { name: name('output'), from: count, to: 3 },
        ];
        return { layer, convolutions, residual, channels: count };
      }
      const convolutions = [
        { name: name('first'), from: count, to },
        { name: name('second'), from: to, to },
        { name: name('up'), from: to, to },
      ];
      return { layer, next: codeLayers[index - 1]!, convolutions, residual, channels: count };
    })
    .reverse();
}

/** How much of a decoded map goes on, by channel; the rest is the encoder's own. */
const shareName = (layer: CodeLayer): string => `${layer}.share`;
/** Where they meet: deeper there is nothing decoded, and above it the photograph would show through. */
const sharedLayer = 'relu3_1';

/** What is made of the encoder's map and added to the decoded one: edges and faces, which deeper maps are too coarse for. */
const detailName = (layer: CodeLayer): string => `${layer}.detail.weight`;
const detailedLayers = ['relu2_1', 'relu1_1'] as const;
const isDetailed = (layer: CodeLayer): boolean => (detailedLayers as readonly CodeLayer[]).includes(layer);

/** Names and shapes of all parameters. */
export function styleDecoderShapes(options: StyleDecoderOptions): Record<string, Shape> {
  const kernel = (name: string, from: number, to: number): [string, Shape][] => [
    [`${name}.weight`, [to, from, 3, 3]],
    [`${name}.bias`, [to]],
  ];
  const levels = levelsOf(options);
  return {
    ...encoderShapes(options),
    ...Object.fromEntries(
      levels.flatMap(({ convolutions, residual, channels }) => [
        ...residual.flatMap((name) => [
          ...kernel(`${name}.first`, channels, channels),
          ...kernel(`${name}.second`, channels, channels),
        ]),
        ...convolutions.flatMap(({ name, from, to }) => kernel(name, from, to)),
      ]),
    ),
    [shareName(sharedLayer)]: [options.channels[2]],
    ...Object.fromEntries(
      detailedLayers.map((layer): [string, Shape] => {
        const count = channelsOf(options, layer);
        return [detailName(layer), [count, count, 3, 3]];
      }),
    ),
  };
}

/** Channels of what is coloured. */
const channelsOf = ({ channels }: StyleDecoderOptions, map: ColoredMap): number =>
  map === 'rgb' ? 3 : channels[codeLayers.indexOf(map)]!;

/** Numbers of a style's code: second moments of all that is coloured. */
export const codeLength = (options: StyleDecoderOptions): number =>
  coloredMaps.reduce((sum, map) => sum + momentCount(channelsOf(options, map)), 0);

/** The second moments in a code, `[N, codeLength]`. */
function momentsIn(code: Tensor, options: StyleDecoderOptions): Record<ColoredMap, Tensor> {
  const pictures = code.shape[0]!;
  let from = 0;
  const entries = coloredMaps.map((map) => {
    const side = channelsOf(options, map) + 1;
    const values = slice(code, [0, from], [pictures, from + side * side]);
    from += side * side;
    return [map, reshape(values, [pictures, side, side])] as const;
  });
  return Object.fromEntries(entries) as Record<ColoredMap, Tensor>;
}

/** The encoder's maps at {@link codeLayers}, with reflected borders. */
function encode(x: Tensor, parameters: NamedTensors): Record<CodeLayer, Tensor> {
  const convolve = (value: Tensor, name: string, padding: 'zero' | 'reflect'): Tensor =>
    sameSizeConvolution(
      value,
      parameters[`${encoderName(name)}.weight`]!,
      parameters[`${encoderName(name)}.bias`]!,
      encoderName(name),
      padding,
    );
  const requested = Object.fromEntries(codeLayers.map((layer) => [layer, resolveLayer(architecture, layer)]));
  const first = convolve(x, 'preprocess', 'zero');
  return vggLayerFeatures(first, architecture, requested, features, (value, layer) =>
    convolve(value, layer, 'reflect'),
  ) as Record<CodeLayer, Tensor>;
}

/**
 * The code of paintings: second moments of their features and of their colours. Closed form, and linear in the painting: a code
 * between two is that of both side by side.
 * @param paintings RGB in [0, 1], `[N, 3, H, W]`
 * @returns `[N, codeLength]`
 */
export function styleCode(paintings: Tensor, parameters: NamedTensors, options: StyleDecoderOptions): Tensor {
  const maps = { ...encode(paintings, parameters), rgb: paintings };
  const rows = coloredMaps.map((map) =>
    reshape(secondMoments(maps[map]), [paintings.shape[0]!, momentCount(channelsOf(options, map))]),
  );
  return concat(rows, 1);
}

/** Gives a map the moments that a code has for it. */
export type Coloring = (map: Tensor, name: ColoredMap, wanted: Tensor) => Tensor;

/**
 * Repaints pictures after any style, in one pass: an encoder that stays as it is, whitening and colouring of its deepest map, and a
 * decoder that leads from the map of each layer to that of the one before it, where it is whitened and coloured again; at last the
 * picture's colours are (Li et al. 2017; one decoder for all layers as in Chiu and Gurari 2022, "PhotoWCT2"). Ours is that the decoder
 * is trained by the losses of style and content with colouring inside, and goes on from half the encoder's own map at relu3_1.
 * @param x RGB in [0, 1], `[N, 3, H, W]`, of any size that its borders can be reflected at
 * @param parameters by the names of {@link styleDecoderShapes}
 * @param code see {@link styleCode}, `[N, codeLength]`
 * @param color how maps are coloured; {@link whitenAndColor} unless given
 * @returns RGB around [0, 1], of the shape of `x`
 */
export function styleDecoder(
  x: Tensor,
  parameters: NamedTensors,
  code: Tensor,
  options: StyleDecoderOptions,
  color: Coloring = (map, _, wanted) => whitenAndColor(map, wanted),
): Tensor {
  const moments = momentsIn(code, options);
  const colored = (map: Tensor, name: ColoredMap): Tensor => color(map, name, moments[name]);
  const picture = pad(x, [0, 0, 0, 0], [0, 0, margin, margin], 'reflect');
  const maps = encode(picture, parameters);
  let value = maps[codeLayers.at(-1)!];
  for (const level of levelsOf(options)) {
    if (level.layer === sharedLayer) value = shared(value, maps[sharedLayer], parameters);
    if (isDetailed(level.layer))
      value = add(value, detail(crop(maps[level.layer], value), level.layer, parameters));
    value = colored(value, level.layer);
    for (const name of level.residual) {
      value = add(
        value,
        convolve(relu(convolve(value, `${name}.first`, parameters)), `${name}.second`, parameters),
      );
    }
    value = decode(value, level, parameters);
  }
  return colored(crop(value, x), 'rgb');
}

/** How far a pixel of the result sees, in pixels to each side, statistics aside. */
export function decoderRadius(options: StyleDecoderOptions): number {
  let [pixel, radius] = [1, 0];
  encoderConvolutions.forEach(({ block }, index) => {
    if (index > 0 && encoderConvolutions[index - 1]!.block !== block) {
      // The pooled pixel beside the first one of a tile begins at most one pixel before it.
      radius += pixel;
      pixel *= 2;
    }
    radius += pixel;
  });
  for (const { convolutions, residual, next } of levelsOf(options)) {
    // The last one of a level works on the doubled map.
    radius += pixel * (2 * residual.length + convolutions.length);
    if (next !== undefined) pixel /= 2;
  }
  return radius;
}

/** Part of what was decoded, and part of the encoder's own. */
function shared(decoded: Tensor, own: Tensor, parameters: NamedTensors): Tensor {
  const share = parameters[shareName(sharedLayer)]!;
  const part = reshape(share, [1, share.shape[0]!, 1, 1]);
  const original = crop(own, decoded);
  return add(original, multiply(subtract(decoded, original), part));
}

const detail = (own: Tensor, layer: CodeLayer, parameters: NamedTensors): Tensor =>
  convolution(own, parameters[detailName(layer)]!, { padding: 1, border: 'reflect' });

/** One level of the decoder. */
function decode(value: Tensor, { convolutions, next }: Level, parameters: NamedTensors): Tensor {
  let decoded = value;
  convolutions.slice(0, -1).forEach(({ name }) => (decoded = relu(convolve(decoded, name, parameters))));
  const { name } = convolutions.at(-1)!;
  return next === undefined
    ? convolve(decoded, name, parameters)
    : upsampledConvolution(decoded, parameters[`${name}.weight`]!, parameters[`${name}.bias`]!);
}

const convolve = (value: Tensor, name: string, parameters: NamedTensors): Tensor =>
  convolution(value, parameters[`${name}.weight`]!, {
    bias: parameters[`${name}.bias`]!,
    padding: 1,
    border: 'reflect',
  });

/**
 * How far each level is from leading the encoder's map to the one before it: mean squares, against those of that map. Where this is
 * small, the decoder makes a picture of the coloured maps before it has learnt anything of styles.
 * @param pictures RGB in [0, 1], `[N, 3, H, W]` with sides that are multiples of eight
 * @returns by level
 */
export function reconstructionErrors(
  pictures: Tensor,
  parameters: NamedTensors,
  options: StyleDecoderOptions,
): NamedTensors {
  const maps = encode(pictures, parameters);
  return Object.fromEntries(
    levelsOf(options).map((level) => {
      const wanted = level.next === undefined ? pictures : maps[level.next];
      const decoded = decode(maps[level.layer], level, parameters);
      const size = mean(square(level.next === undefined ? subtract(wanted, 0.5) : wanted));
      return [level.layer, divide(mean(square(subtract(decoded, wanted))), add(size, 1e-6))];
    }),
  );
}
