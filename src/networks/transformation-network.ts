import { add, convolution, instanceNormalization, relu, type Shape, type Tensor } from '../graph/index.js';
import { upsampledConvolution } from './upsampled-convolution.js';

export interface TransformationNetworkOptions {
  /** Channels after the first convolution; the residual blocks have four times as many. */
  readonly base: number;
  /** Residual blocks. */
  readonly blocks: number;
}

/** Kernel side, stride and whether the picture is doubled before, of one convolution with its normalization. */
interface Stage {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
}

const stage = (name: string, from: number, to: number, kernel: number): Stage => ({ name, from, to, kernel });

function stages({ base, blocks }: TransformationNetworkOptions): {
  down: Stage[];
  residual: [Stage, Stage][];
  up: Stage[];
} {
  const wide = 4 * base;
  return {
    down: [stage('down1', 3, base, 9), stage('down2', base, 2 * base, 3), stage('down3', 2 * base, wide, 3)],
    residual: Array.from({ length: blocks }, (_, i) => [
      stage(`residual${i + 1}.first`, wide, wide, 3),
      stage(`residual${i + 1}.second`, wide, wide, 3),
    ]),
    up: [stage('up1', wide, 2 * base, 3), stage('up2', 2 * base, base, 3)],
  };
}

const last = ({ base }: TransformationNetworkOptions): Stage => stage('output', base, 3, 9);

/**
 * Names and shapes of the network's parameters, in forward order: `NAME.weight` and `NAME.bias` of each convolution, and
 * `NAME.scale` and `NAME.shift` of the normalization after it.
 * @example
 * ```ts
 * import { transformationNetworkShapes } from 'pastiche/engine';
 *
 * const shapes = transformationNetworkShapes({ base: 8, blocks: 2 });
 * console.log(shapes['down1.weight']); // [8, 3, 9, 9]
 * ```
 */
export function transformationNetworkShapes(options: TransformationNetworkOptions): Record<string, Shape> {
  const { down, residual, up } = stages(options);
  const convolutionShapes = ({ name, from, to, kernel }: Stage): [string, Shape][] => [
    [`${name}.weight`, [to, from, kernel, kernel]],
    [`${name}.bias`, [to]],
  ];
  const normalized = (each: Stage): [string, Shape][] => [
    ...convolutionShapes(each),
    [`${each.name}.scale`, [each.to]],
    [`${each.name}.shift`, [each.to]],
  ];
  return Object.fromEntries([
    ...[...down, ...residual.flat(), ...up].flatMap(normalized),
    ...convolutionShapes(last(options)),
  ]);
}

/**
 * The image transformation network of Johnson, Alahi and Fei-Fei 2016 (supplementary material, table 1) in the form that came
 * to be used: instance instead of batch normalization (Ulyanov et al. 2016), reflected borders at every convolution, nearest
 * upsampling before a convolution instead of transposed convolutions (Odena et al. 2016), no activation at the end.
 * @param x RGB in [0, 1], `[N, 3, H, W]`, sides divisible by 4
 * @param parameters by the names of {@link transformationNetworkShapes}
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
): Tensor {
  const { down, residual, up } = stages(options);
  const convolve = (value: Tensor, { name, kernel }: Stage, stride = 1): Tensor =>
    convolution(value, parameters[`${name}.weight`]!, {
      bias: parameters[`${name}.bias`]!,
      stride,
      padding: (kernel - 1) / 2,
      border: 'reflect',
    });
  const normalize = (value: Tensor, { name }: Stage): Tensor =>
    instanceNormalization(value, parameters[`${name}.scale`]!, parameters[`${name}.shift`]!);

  let value = x;
  for (const [index, each] of down.entries()) {
    value = relu(normalize(convolve(value, each, index === 0 ? 1 : 2), each));
  }
  for (const [first, second] of residual) {
    const inner = relu(normalize(convolve(value, first), first));
    value = add(value, normalize(convolve(inner, second), second));
  }
  for (const each of up) {
    const doubled = upsampledConvolution(
      value,
      parameters[`${each.name}.weight`]!,
      parameters[`${each.name}.bias`]!,
    );
    value = relu(normalize(doubled, each));
  }
  return convolve(value, last(options));
}
