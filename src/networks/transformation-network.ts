import {
  add,
  concat,
  convolution,
  crop,
  divide,
  instanceNormalization,
  leakyRelu,
  matmul,
  multiply,
  relu,
  reshape,
  slice,
  sqrt,
  square,
  subtract,
  sum,
  type Shape,
  type Tensor,
} from '../graph/index.js';
import { upsampledConvolution } from './upsampled-convolution.js';

export interface TransformationNetworkOptions {
  /**
   * - `johnson`: 9 x 9 convolutions at the picture's full size before and after all others;
   * - `light`: nothing at full size: the first convolution halves the picture, the last one doubles it; leaky rectifiers. Ours.
   * @defaultValue 'johnson'
   */
  readonly form?: TransformationForm;
  /** Channels after Johnson's first convolution; the residual blocks have four times as many, in both forms. */
  readonly base: number;
  /** Residual blocks. */
  readonly blocks: number;
}

export type TransformationForm = 'johnson' | 'light';

/**
 * With rectifiers alone, bright places of a picture may leave all channels before the output at 0, and then nothing changes them
 * any more: black holes.
 */
const slope = 0.1;

/** One convolution: what it does to the size, and whether normalization and activation follow. */
interface Stage {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
}

/** A network as its stages, in forward order. */
interface Stages {
  /** Each but the first of Johnson's halves the sides. */
  readonly down: readonly (Stage & { readonly stride: number })[];
  readonly residual: readonly (readonly [Stage, Stage])[];
  /** Each doubles the sides. */
  readonly up: readonly Stage[];
  /** Without normalization. */
  readonly output: Stage & { readonly doubles: boolean };
}

const stage = (name: string, from: number, to: number, kernel: number): Stage => ({ name, from, to, kernel });

function stagesOf({ form = 'johnson', base, blocks }: TransformationNetworkOptions): Stages {
  const [two, wide] = [2 * base, 4 * base];
  const residual = Array.from({ length: blocks }, (_, i) => {
    const block = `residual${i + 1}`;
    return [stage(`${block}.first`, wide, wide, 3), stage(`${block}.second`, wide, wide, 3)] as const;
  });
  return {
    johnson: () => ({
      down: [
        { ...stage('down1', 3, base, 9), stride: 1 },
        { ...stage('down2', base, two, 3), stride: 2 },
        { ...stage('down3', two, wide, 3), stride: 2 },
      ],
      residual,
      up: [stage('up1', wide, two, 3), stage('up2', two, base, 3)],
      output: { ...stage('output', base, 3, 9), doubles: false },
    }),
    light: () => ({
      down: [
        { ...stage('down1', 3, two, 5), stride: 2 },
        { ...stage('down2', two, wide, 3), stride: 2 },
      ],
      residual,
      up: [stage('up1', wide, two, 3)],
      output: { ...stage('output', two, 3, 5), doubles: true },
    }),
  }[form]();
}

/** The stages that are normalized, in forward order. */
function normalizedStages(options: TransformationNetworkOptions): readonly Stage[] {
  const { down, residual, up } = stagesOf(options);
  return [...down, ...residual.flat(), ...up];
}

/**
 * The normalizations of a network in forward order, by the names of their stages, with their channels.
 * @example
 * ```ts
 * import { normalizationChannels } from 'pastiche/engine';
 *
 * const { down1 } = normalizationChannels({ form: 'light', base: 16, blocks: 5 }); // 32
 * ```
 */
export const normalizationChannels = (options: TransformationNetworkOptions): Record<string, number> =>
  Object.fromEntries(normalizedStages(options).map(({ name, to }) => [name, to]));

/**
 * How far a pixel of the result sees, in pixels to each side.
 * @example
 * ```ts
 * import { receptiveRadius } from 'pastiche/engine';
 *
 * console.log(receptiveRadius({ form: 'light', base: 16, blocks: 5 }));
 * ```
 */
export function receptiveRadius(options: TransformationNetworkOptions): number {
  const { down, residual, up, output } = stagesOf(options);
  let [pixel, radius] = [1, 0];
  for (const { kernel, stride } of down) {
    radius += (pixel * (kernel - 1)) / 2;
    pixel *= stride;
  }
  radius += 2 * residual.length * pixel;
  for (const { kernel } of up) {
    // Taps of the doubled map, of which the place in the doubled pixel moves one.
    radius += pixel * Math.ceil(kernel / 4);
    pixel /= 2;
  }
  const { kernel, doubles } = output;
  return radius + (doubles ? pixel * Math.ceil(kernel / 4) : (pixel * (kernel - 1)) / 2);
}

/**
 * Names and shapes of the network's convolutions, in forward order: `NAME.weight` and `NAME.bias`.
 * @example
 * ```ts
 * import { convolutionShapes } from 'pastiche/engine';
 *
 * const shapes = convolutionShapes({ base: 8, blocks: 2 });
 * console.log(shapes['down1.weight']); // [8, 3, 9, 9]
 * ```
 */
export function convolutionShapes(options: TransformationNetworkOptions): Record<string, Shape> {
  const all = [...normalizedStages(options), stagesOf(options).output];
  return Object.fromEntries(
    all.flatMap(({ name, from, to, kernel }): [string, Shape][] => [
      [`${name}.weight`, [to, from, kernel, kernel]],
      [`${name}.bias`, [to]],
    ]),
  );
}

/**
 * Names and shapes of the parameters of a network that has one style: those of {@link convolutionShapes}, each followed by
 * `NAME.scale` and `NAME.shift` of its normalization.
 * @example
 * ```ts
 * import { transformationNetworkShapes } from 'pastiche/engine';
 *
 * const shapes = transformationNetworkShapes({ base: 8, blocks: 2 });
 * console.log(shapes['down1.scale']); // [8]
 * ```
 */
export function transformationNetworkShapes(options: TransformationNetworkOptions): Record<string, Shape> {
  const channels = normalizationChannels(options);
  const convolutions = Object.entries(convolutionShapes(options));
  return Object.fromEntries(
    convolutions.flatMap(([name, shape]): [string, Shape][] => {
      const normalized = name.replace(/\.bias$/, '');
      const count = channels[normalized];
      const convolution: [string, Shape] = [name, shape];
      return normalized === name || count === undefined
        ? [convolution]
        : [convolution, [`${normalized}.scale`, [count]], [`${normalized}.shift`, [count]]];
    }),
  );
}

/** As in `instanceNormalization`. */
const epsilon = 1e-5;

/**
 * What {@link normalizedBy} takes, as sums over those positions where a mask is 1: of each channel, of its squares, and how many
 * positions there are.
 * @param map `[1, C, H, W]`
 * @param mask `[1, 1, H, W]`
 * @returns `[2 C + 1]`
 */
export function normalizationSums(map: Tensor, mask: Tensor): Tensor {
  const counted = multiply(map, mask);
  const [, channels, height, width] = map.shape as [number, number, number, number];
  const rows = (value: Tensor): Tensor => reshape(value, [channels, 1, height * width]);
  const squares = matmul(rows(counted), rows(map), { transposeB: true });
  return concat([sum(counted, [0, 2, 3]), reshape(squares, [channels]), sum(mask, [0, 2, 3])], 0);
}

/** Instance normalization by given statistics: those sums, divided by the number of positions. */
export function normalizedBy(statistics: Tensor, map: Tensor, scale: Tensor, shift: Tensor): Tensor {
  const channels = map.shape[1]!;
  const perChannel = (values: Tensor): Tensor => reshape(values, [1, channels, 1, 1]);
  const average = perChannel(slice(statistics, [0], [channels]));
  const squares = perChannel(slice(statistics, [channels], [2 * channels]));
  // Rounding may leave a little less than nothing.
  const variance = relu(subtract(squares, square(average)));
  const factor = divide(perChannel(scale), sqrt(add(variance, epsilon)));
  return add(multiply(subtract(map, average), factor), perChannel(shift));
}

/** What stands in a network's place for the normalization of a stage: a map, the stage's name, its scale and shift. */
export type Normalization = (value: Tensor, name: string, scale: Tensor, shift: Tensor) => Tensor;

/**
 * The image transformation network of Johnson, Alahi and Fei-Fei 2016 (supplementary material, table 1) in the form that came
 * to be used: instance instead of batch normalization (Ulyanov et al. 2016), reflected borders at every convolution, nearest
 * upsampling before a convolution instead of transposed convolutions (Odena et al. 2016), no activation at the end. The
 * light form leaves out what is done at the picture's full size.
 * @param x RGB in [0, 1], `[N, 3, H, W]`, of any size that its borders can be reflected at
 * @param parameters by the names of {@link transformationNetworkShapes}; a scale or shift may be `[N, C]`, one row per picture
 * @param normalization what normalizes; {@link instanceNormalization} unless given
 * @returns RGB around [0, 1], of the shape of `x`
 * @example
 * ```ts
 * import { graph, transformationNetwork, transformationNetworkShapes } from 'pastiche/engine';
 *
 * const options = { base: 8, blocks: 2 };
 * const parameters = Object.fromEntries(
 *   Object.entries(transformationNetworkShapes(options)).map(([name, shape]) => [name, graph.input(name, shape)]),
 * );
 * const painted = transformationNetwork(graph.input('picture', [1, 3, 64, 64]), parameters, options);
 * ```
 */
export function transformationNetwork(
  x: Tensor,
  parameters: Readonly<Record<string, Tensor>>,
  options: TransformationNetworkOptions,
  normalization: Normalization = (value, _, scale, shift) => instanceNormalization(value, scale, shift),
): Tensor {
  const { down, residual, up, output } = stagesOf(options);
  const weightOf = ({ name }: Stage): Tensor => parameters[`${name}.weight`]!;
  const biasOf = ({ name }: Stage): Tensor => parameters[`${name}.bias`]!;
  const convolve = (value: Tensor, each: Stage, stride = 1): Tensor =>
    convolution(value, weightOf(each), {
      bias: biasOf(each),
      stride,
      padding: (each.kernel - 1) / 2,
      border: 'reflect',
    });
  const double = (value: Tensor, each: Stage): Tensor =>
    upsampledConvolution(value, weightOf(each), biasOf(each));
  const normalize = (value: Tensor, { name }: Stage): Tensor =>
    normalization(value, name, parameters[`${name}.scale`]!, parameters[`${name}.shift`]!);

  const activate = (value: Tensor): Tensor =>
    options.form === 'light' ? leakyRelu(value, slope) : relu(value);

  let value = x;
  for (const each of down) value = activate(normalize(convolve(value, each, each.stride), each));
  for (const [first, second] of residual) {
    const inner = activate(normalize(convolve(value, first), first));
    value = add(value, normalize(convolve(inner, second), second));
  }
  for (const each of up) value = activate(normalize(double(value, each), each));
  // Sides that are no multiples of four come out larger by up to three pixels.
  return output.doubles ? crop(double(value, output), x) : convolve(crop(value, x), output);
}
