import {
  add,
  convolution,
  depthToSpace,
  leakyRelu,
  resize,
  type Shape,
  type Tensor,
} from '../graph/index.js';

/** The design of a network that enlarges pictures. */
export interface EnlargingNetworkOptions {
  /** How many times as wide and as high the result is. */
  readonly factor: EnlargingFactor;
  /** Channels of every layer. */
  readonly width: number;
  /** Layers between the first and the last convolution. */
  readonly layers: number;
}

export type EnlargingFactor = 2 | 4;

/** Of the leaky rectifiers. */
const slope = 0.1;

/** The convolutions in forward order, each of 3 x 3 pixels. */
function convolutionsOf({
  factor,
  width,
  layers,
}: EnlargingNetworkOptions): { name: string; from: number; to: number }[] {
  return [
    { name: 'first', from: 3, to: width },
    ...Array.from({ length: layers }, (_, i) => ({ name: `layer${i + 1}`, from: width, to: width })),
    { name: 'last', from: width, to: 3 * factor * factor },
  ];
}

/**
 * How far a pixel of the result sees, in pixels of the small picture to each side: one for each convolution.
 * @example
 * ```ts
 * import { enlargingRadius } from 'pastiche/engine';
 *
 * console.log(enlargingRadius({ factor: 4, width: 48, layers: 8 })); // 10
 * ```
 */
export const enlargingRadius = (options: EnlargingNetworkOptions): number => convolutionsOf(options).length;

/**
 * Names and shapes of the parameters, in forward order: `NAME.weight` and `NAME.bias`.
 * @example
 * ```ts
 * import { enlargingNetworkShapes } from 'pastiche/engine';
 *
 * const shapes = enlargingNetworkShapes({ factor: 4, width: 48, layers: 8 });
 * console.log(shapes['first.weight']); // [48, 3, 3, 3]
 * ```
 */
export const enlargingNetworkShapes = (options: EnlargingNetworkOptions): Record<string, Shape> =>
  Object.fromEntries(
    convolutionsOf(options).flatMap(({ name, from, to }): [string, Shape][] => [
      [`${name}.weight`, [to, from, 3, 3]],
      [`${name}.bias`, [to]],
    ]),
  );

/**
 * Enlarges pictures: convolutions at the small size, their channels put beside each other as pixels at the end (Shi et al. 2016),
 * added to the bilinearly enlarged picture, so that the network has only to find what that lacks. Its design is that of the compact
 * networks of Real-ESRGAN (Wang et al. 2021), which add to the nearest pixels. Nothing is normalized: a pixel depends on those
 * within {@link enlargingRadius} alone, and a picture can be enlarged in parts. Its outermost pixels go on outside its border.
 * @param x RGB in [0, 1], `[N, 3, H, W]`
 * @param parameters by the names of {@link enlargingNetworkShapes}
 * @returns RGB around [0, 1], `[N, 3, factor H, factor W]`
 * @example
 * ```ts
 * import { enlargingNetwork, enlargingNetworkShapes, graph } from 'pastiche/engine';
 *
 * const options = { factor: 2, width: 8, layers: 1 } as const;
 * const parameters = Object.fromEntries(
 *   Object.entries(enlargingNetworkShapes(options)).map(([name, shape]) => [name, graph.input(name, shape)]),
 * );
 * const enlarged = enlargingNetwork(graph.input('picture', [1, 3, 16, 16]), parameters, options);
 * ```
 */
export function enlargingNetwork(
  x: Tensor,
  parameters: Readonly<Record<string, Tensor>>,
  options: EnlargingNetworkOptions,
): Tensor {
  const { factor } = options;
  const [, , height, width] = x.shape as [number, number, number, number];
  let value = x;
  for (const { name } of convolutionsOf(options)) {
    const convolved = convolution(value, parameters[`${name}.weight`]!, {
      bias: parameters[`${name}.bias`]!,
      padding: 1,
      border: 'replicate',
    });
    value = name === 'last' ? convolved : leakyRelu(convolved, slope);
  }
  return add(resize(x, factor * height, factor * width, 'bilinear'), depthToSpace(value, factor));
}

/** What initial kernels, uniform in +-1 / sqrt(fan in), are multiplied by so that maps neither fade nor grow (He et al. 2015, equation 14). */
export const initialGain = Math.sqrt(6 / (1 + slope * slope));
