import { add, input, matmul, multiply, relu, slice, type Shape, type Tensor } from '../graph/index.js';
import {
  convolutionShapes,
  normalizationChannels,
  transformationNetwork,
  type Normalization,
  type TransformationNetworkOptions,
} from './transformation-network.js';

/** A transformation network whose normalizations depend on conditions. */
export interface ConditionalNetworkOptions extends TransformationNetworkOptions {
  /** Styles, each with a row of scales and shifts; 0 for a network that takes the code of any painting. */
  readonly styles: number;
  /** Weights of losses that the network takes as a condition; 0 for a network that can't be adjusted. */
  readonly knobs: number;
  /** Numbers of a painting's code, see `style-code.ts`; 0 for a network that knows some styles. @defaultValue 0 */
  readonly code?: number;
}

/** Channels of the two hidden layers between a condition and the normalizations. */
const hidden = { knobs: 64, code: 256 } as const;

/** Scales and shifts of all normalizations, one after the other. */
const offsetCount = (options: TransformationNetworkOptions): number =>
  2 * Object.values(normalizationChannels(options)).reduce((sum, channels) => sum + channels, 0);

/** Names and shapes of the parameters that lead from the conditions to the normalizations. */
export function conditionShapes(options: ConditionalNetworkOptions): Record<string, Shape> {
  const { styles, knobs, code = 0 } = options;
  const count = offsetCount(options);
  const layers = (name: keyof typeof hidden, inputs: number): Record<string, Shape> => ({
    [`${name}.first.weight`]: [hidden[name], inputs],
    [`${name}.first.bias`]: [hidden[name]],
    [`${name}.second.weight`]: [hidden[name], hidden[name]],
    [`${name}.second.bias`]: [hidden[name]],
    [`${name}.offsets`]: [hidden[name], count],
  });
  return {
    // Without styles it is one row, on which codes build.
    'styles.offsets': [Math.max(1, styles), count],
    ...(knobs === 0 ? {} : layers('knobs', knobs)),
    ...(code === 0
      ? {}
      : { 'code.input.scale': [1, code], 'code.input.shift': [1, code], ...layers('code', code) }),
  };
}

/** Names and shapes of all parameters of a conditional network. */
export const conditionalNetworkShapes = (options: ConditionalNetworkOptions): Record<string, Shape> => ({
  ...convolutionShapes(options),
  ...conditionShapes(options),
});

/** The names of the inputs that conditions are fed by. */
export const styleInputName = 'styles';
export const knobsInputName = 'weights';
export const codeInputName = 'code';

/** What a network is told about each of N pictures. */
export interface Conditions {
  /** How much of each style, `[N, styles]`: one-hot for one of them, parts of 1 for a blend; where the network has styles. */
  readonly style?: Tensor | undefined;
  /** The losses' weights against those of the default, 1 each, `[N, knobs]`; where the network has knobs. */
  readonly knobs?: Tensor | undefined;
  /** The codes of paintings, `[N, code]`; where the network takes them. */
  readonly code?: Tensor | undefined;
}

/** The conditions as inputs of a graph. */
export const conditionInputs = (
  { styles, knobs, code = 0 }: ConditionalNetworkOptions,
  pictures: number,
): Conditions => ({
  style: styles === 0 ? undefined : input(styleInputName, [pictures, styles]),
  knobs: knobs === 0 ? undefined : input(knobsInputName, [pictures, knobs]),
  code: code === 0 ? undefined : input(codeInputName, [pictures, code]),
});

/**
 * Many styles in one network: conditional instance normalization (Dumoulin et al. 2017), a row of scales and shifts for each
 * style, blended linearly. With knobs the weights of the loss are led to the same scales and shifts by a small network
 * (Babaeizadeh and Ghiasi 2020, section 3), and with a code any painting is (Ghiasi et al. 2017, section 3); both start at no
 * effect. Rows are kept as offsets from 1 and 0.
 * @param x RGB in [0, 1], `[N, 3, H, W]`
 * @param parameters by the names of {@link conditionalNetworkShapes}
 * @param normalization what normalizes; instance normalization unless given
 * @returns RGB around [0, 1], of the shape of `x`
 */
export function conditionalNetwork(
  x: Tensor,
  parameters: Readonly<Record<string, Tensor>>,
  conditions: Conditions,
  options: ConditionalNetworkOptions,
  normalization?: Normalization,
): Tensor {
  const normalizations = conditionedNormalizations(parameters, conditions, options);
  return transformationNetwork(x, { ...parameters, ...normalizations }, options, normalization);
}

/** `NAME.scale` and `NAME.shift` of all normalizations, `[N, C]`. */
function conditionedNormalizations(
  parameters: Readonly<Record<string, Tensor>>,
  conditions: Conditions,
  options: ConditionalNetworkOptions,
): Record<string, Tensor> {
  const offsets = conditionedOffsets(parameters, conditions);
  const pictures = offsets.shape[0]!;
  let from = 0;
  const next = (channels: number): Tensor => {
    from += channels;
    return slice(offsets, [0, from - channels], [pictures, from]);
  };
  return Object.fromEntries(
    Object.entries(normalizationChannels(options)).flatMap(([name, channels]) => [
      [`${name}.scale`, add(next(channels), 1)],
      [`${name}.shift`, next(channels)],
    ]),
  );
}

/** All scales and shifts as offsets from 1 and 0, `[N, offsets]`: what each condition adds. */
function conditionedOffsets(
  parameters: Readonly<Record<string, Tensor>>,
  { style, knobs, code }: Conditions,
): Tensor {
  const rows = parameters['styles.offsets']!;
  let offsets = style === undefined ? rows : matmul(style, rows);
  // Around 0 where all weights are those of the default.
  if (knobs !== undefined) offsets = add(offsets, offsetsOf('knobs', add(knobs, -1), parameters));
  if (code !== undefined) {
    const scaled = multiply(code, parameters['code.input.scale']!);
    offsets = add(offsets, offsetsOf('code', add(scaled, parameters['code.input.shift']!), parameters));
  }
  return offsets;
}

/** What a condition `[N, values]` adds to the offsets, by two hidden layers. */
function offsetsOf(
  condition: keyof typeof hidden,
  values: Tensor,
  parameters: Readonly<Record<string, Tensor>>,
): Tensor {
  const layer = (value: Tensor, name: string): Tensor =>
    relu(
      add(matmul(value, parameters[`${name}.weight`]!, { transposeB: true }), parameters[`${name}.bias`]!),
    );
  const last = layer(layer(values, `${condition}.first`), `${condition}.second`);
  return matmul(last, parameters[`${condition}.offsets`]!);
}
