import { input } from '../../graph/index.js';
import type { OutputValues, Runtime } from '../../runtime/runtime.js';
import { histogramInput, pictureInput } from '../optimization/graph-inputs.js';
import { layerDistances, measureLayers } from './layer-measurement.js';

/** A map of one channel, `side` by `side`, and what losses see of it. */
export interface TextbookMap {
  readonly side: number;
  readonly values: Float32Array;
  readonly gram: number;
  readonly mean: number;
  readonly variance: number;
}

/** The paper's pair of maps of equal Gram value, and the relative histogram loss of the even map against the other. */
export interface TextbookPair {
  readonly even: TextbookMap;
  readonly uneven: TextbookMap;
  readonly histogram: number;
}

const side = 16;

/** The pair: 0.707 everywhere, and 1 on one half and 0 on the other. */
export async function textbookPair(runtime: Runtime): Promise<TextbookPair> {
  const graph = { [histogramInput('map')]: input(pictureInput, [1, 1, side, side]) };
  const even = new Float32Array(side * side).fill(Math.SQRT1_2);
  const uneven = even.map((_, i) => (i % side < side / 2 ? 1 : 0));
  const [first, second] = [
    await measureLayers(runtime, ['map'], graph, even),
    await measureLayers(runtime, ['map'], graph, uneven),
  ];
  const { histogram } = layerDistances('map', first, second);
  return { even: mapOf(even, first), uneven: mapOf(uneven, second), histogram };
}

function mapOf(values: Float32Array, measured: OutputValues): TextbookMap {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { side, values, gram: measured['map.gram']![0]!, mean, variance };
}
