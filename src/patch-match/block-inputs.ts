import { patchesAlong } from './correlation.js';
import { cutWindow, unfoldWindow, windowSize, type Blocks, type FeatureMap } from './windows.js';

/** What the norms need of a block: squared lengths, and which positions lie inside the map. */
function normInputs(
  window: Float32Array,
  map: FeatureMap,
  blocks: Blocks,
  origin: readonly [number, number],
  positions: number,
): { energy: Float32Array; inside: Float32Array } {
  const energy = new Float32Array(positions);
  const stride = window.length / map.channels;
  for (let channel = 0; channel < map.channels; channel += 1) {
    for (let i = 0; i < positions; i += 1) energy[i]! += window[channel * stride + i]! ** 2;
  }
  const ones = new Float32Array(map.height * map.width).fill(1);
  return { energy, inside: cutWindow({ ...map, channels: 1, values: ones }, blocks, origin) };
}

/**
 * An input block's values for the graph of {@link blockCorrelation}.
 * @param scale factor for the map's values
 */
export function inputBlock(
  map: FeatureMap,
  blocks: Blocks,
  origin: readonly [number, number],
  offsets: readonly number[],
  scale: number,
): Record<string, Float32Array> {
  const { height, width } = windowSize(blocks);
  const values = cutWindow(map, blocks, origin, { spare: 1, scale });
  const { energy, inside } = normInputs(values, map, blocks, origin, height * width);
  const unfold = (plane: Float32Array): Float32Array =>
    unfoldWindow(plane, width, offsets, patchesAlong(blocks));
  return { input: values, inputEnergy: unfold(energy), inputInside: unfold(inside) };
}

/** A target block's values for the graph of {@link blockCorrelation}. */
export function targetBlock(
  map: FeatureMap,
  blocks: Blocks,
  origin: readonly [number, number],
  offsets: readonly number[],
  scale: number,
): Record<string, Float32Array> {
  const { height, width } = windowSize(blocks);
  const positions = height * width;
  const target = cutWindow(map, blocks, origin, { scale });
  const { energy, inside } = normInputs(target, map, blocks, origin, positions);
  const unfold = (plane: Float32Array): Float32Array => unfoldWindow(plane, width, offsets, positions);
  const present = new Float32Array(positions);
  forEachPosition(map, blocks, origin, (_, local) => (present[local] = 1));
  return { target, targetEnergy: unfold(energy), targetInside: unfold(inside), present };
}

/** Visits a block's positions that lie inside the map: their number in the map, and in the block's window. */
export function forEachPosition(
  map: FeatureMap,
  blocks: Blocks,
  [row, column]: readonly [number, number],
  visit: (position: number, local: number) => void,
): void {
  const { width } = windowSize(blocks);
  for (let y = 0; y < blocks.height && row + y < map.height; y += 1) {
    for (let x = 0; x < blocks.width && column + x < map.width; x += 1) {
      visit((row + y) * map.width + column + x, y * width + x);
    }
  }
}
