import { add, input, matmul, relu, slice, type Shape, type Tensor } from '../graph/index.js';
import {
  convolutionShapes,
  normalizationChannels,
  transformationNetwork,
  type Normalization,
  type TransformationNetworkOptions,
} from './transformation-network.js';

/** A transformation network whose normalizations depend on conditions. */
export interface ConditionalNetworkOptions extends TransformationNetworkOptions {
  /** Styles, each with a row of scales and shifts. */
  readonly styles: number;
  /** Weights of losses that the network takes as a condition; 0 for a network that can't be adjusted. */
  readonly knobs: number;
}

/** Channels of the two hidden layers between the knobs and the normalizations. */
const hidden = 64;

/** Scales and shifts of all normalizations, one after the other. */
const offsetCount = (options: TransformationNetworkOptions): number =>
  2 * Object.values(normalizationChannels(options)).reduce((sum, channels) => sum + channels, 0);

/** Names and shapes of the parameters that lead from the conditions to the normalizations. */
export function conditionShapes(options: ConditionalNetworkOptions): Record<string, Shape> {
  const { styles, knobs } = options;
  const count = offsetCount(options);
  const rows: Record<string, Shape> = { 'styles.offsets': [styles, count] };
  if (knobs === 0) return rows;
  return {
    ...rows,
    'knobs.first.weight': [hidden, knobs],
    'knobs.first.bias': [hidden],
    'knobs.second.weight': [hidden, hidden],
    'knobs.second.bias': [hidden],
    'knobs.offsets': [hidden, count],
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

/** What a network is told about each of N pictures. */
export interface Conditions {
  /** How much of each style, `[N, styles]`: one-hot for one of them, parts of 1 for a blend. */
  readonly style: Tensor;
  /** The losses' weights against those of the default, 1 each, `[N, knobs]`; where the network has knobs. */
  readonly knobs?: Tensor | undefined;
}

/** The conditions as inputs of a graph. */
export const conditionInputs = (
  { styles, knobs }: ConditionalNetworkOptions,
  pictures: number,
): Conditions => ({
  style: input(styleInputName, [pictures, styles]),
  knobs: knobs === 0 ? undefined : input(knobsInputName, [pictures, knobs]),
});

/**
 * Many styles in one network: conditional instance normalization (Dumoulin et al. 2017), a row of scales and shifts for each
 * style, blended linearly. With knobs the weights of the loss are led to the same scales and shifts by a small network
 * (Babaeizadeh and Ghiasi 2020, section 3), which starts at no effect. Rows are kept as offsets from 1 and 0.
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
  { style, knobs }: Conditions,
): Tensor {
  const offsets = matmul(style, parameters['styles.offsets']!);
  // Around 0 where all weights are those of the default.
  return knobs === undefined ? offsets : add(offsets, knobOffsets(add(knobs, -1), parameters));
}

/** What knobs `[N, knobs]` add to the offsets, by two hidden layers. */
function knobOffsets(values: Tensor, parameters: Readonly<Record<string, Tensor>>): Tensor {
  const layer = (value: Tensor, name: string): Tensor =>
    relu(
      add(matmul(value, parameters[`${name}.weight`]!, { transposeB: true }), parameters[`${name}.bias`]!),
    );
  const last = layer(layer(values, 'knobs.first'), 'knobs.second');
  return matmul(last, parameters['knobs.offsets']!);
}
