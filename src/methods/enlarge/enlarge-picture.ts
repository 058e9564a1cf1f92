import { throwIfAborted } from '../../abort.js';
import { StyleError } from '../../errors.js';
import { estimateCost, input, type Cost, type NamedTensors } from '../../graph/index.js';
import { coloursUnderAlpha } from '../../images/colours-under-alpha.js';
import { createImage, type Image, type Size } from '../../images/image.js';
import { greyPicture } from '../../images/luminance.js';
import { cutOut } from '../../images/margin.js';
import { clampUnit, resizePlanes } from '../../images/resize.js';
import {
  enlargingInput,
  enlargingOutput,
  enlargingParameters,
  type EnlargingModel,
} from '../../networks/enlarging-model.js';
import { enlargingNetwork, enlargingRadius } from '../../networks/enlarging-network.js';
import { divideIntoTiles, type Tile } from '../apply/tiles.js';
import { optimizationMemory, noOptimizer, resultMemory } from '../optimization/memory.js';
import type { Program } from '../../runtime/runtime.js';
import type { ProgramCache } from '../program-cache.js';
import type { EnlargeSettings } from './options.js';

/** What pictures are enlarged with. */
export interface Enlargement {
  readonly model: EnlargingModel;
  readonly settings: EnlargeSettings;
}

/** Pixels to each side, of the picture, that making the network's result smaller sees. */
const resamplingRadius = 2;

/** The result's size. */
export const enlargedSize = ({ width, height }: Size, factor: number): Size => ({
  width: factor * width,
  height: factor * height,
});

/**
 * What enlarging a picture takes: the operations of all parts, and the memory beside the picture.
 * @throws StyleError `E_ARGUMENT` for a model that enlarges less
 */
export function enlargingCost(
  picture: Size,
  { model, settings }: Enlargement,
): { readonly memoryBytes: number; readonly operations: number } {
  const { factor } = settings;
  if (model.options.factor < factor) {
    throw new StyleError(
      'E_ARGUMENT',
      `The model makes pictures ${model.options.factor} times as large, not ${factor} times.`,
      `Take the factor ${model.options.factor}, or another model.`,
      { option: 'factor' },
    );
  }
  const tiles = tilesOf(picture, model, settings);
  const largest = tiles.reduce((one, other) => (area(windowOf(other)) > area(windowOf(one)) ? other : one));
  const window = windowOf(largest);
  const cost: Cost = estimateCost(windowGraph(model, window));
  const result = enlargedSize(picture, factor);
  const part = optimizationMemory(cost, noOptimizer, enlargedSize(window, model.options.factor));
  return {
    memoryBytes: resultMemory(result) + part,
    operations: (cost.operations / area(window)) * tiles.reduce((sum, tile) => sum + area(windowOf(tile)), 0),
  };
}

/**
 * Enlarges a picture part by part, as if it were done as a whole: each part's window shows all that its pixels see. So memory grows
 * with the result alone. A model of a larger factor than is wanted makes its picture first, which is then made smaller
 * (Lanczos). Opacity is enlarged bicubically, which keeps what is wholly opaque, and a grey picture stays grey.
 * @throws AbortError between parts when the signal ends it
 */
export async function enlargePicture(
  picture: Image,
  { model, settings }: Enlargement,
  programs: ProgramCache,
  signal?: AbortSignal,
): Promise<Image> {
  const { factor } = settings;
  const { width, height } = enlargedSize(picture, factor);
  const source = coloursUnderAlpha(picture, enlargingRadius(model.options) + resamplingRadius);
  const rgb = new Float32Array(3 * width * height);
  const compiled = new Map<string, Program>();
  try {
    for (const tile of tilesOf(picture, model, settings)) {
      throwIfAborted(signal);
      const window = windowOf(tile);
      const key = `enlarge ${window.width}x${window.height}`;
      const program = compiled.get(key) ?? (await programs.acquire(key, () => windowGraph(model, window)));
      compiled.set(key, program);
      const { rgb: seen } = cutOut(source, { ...window, left: tile.columns.start, top: tile.rows.start });
      const { [enlargingOutput]: made } = await program.run({ [enlargingInput]: seen });
      const part = resized(made!, enlargedSize(window, model.options.factor), enlargedSize(window, factor));
      placeCore(part, tile, factor, rgb, { width, height });
    }
  } finally {
    for (const program of compiled.values()) await programs.release(program);
  }
  const alpha =
    picture.alpha && clampUnit(resizePlanes(picture.alpha, 1, picture, { width, height }, 'bicubic'));
  const enlarged = createImage(width, height, clampUnit(rgb), alpha);
  return isGrey(picture) ? greyPicture(enlarged) : enlarged;
}

const tilesOf = (picture: Size, { options }: EnlargingModel, { factor, tile }: EnlargeSettings): Tile[] =>
  divideIntoTiles(
    picture,
    tile,
    enlargingRadius(options) + (options.factor === factor ? 0 : resamplingRadius),
  );

const windowOf = ({ rows, columns }: Tile): Size => ({ width: columns.length, height: rows.length });
const area = ({ width, height }: Size): number => width * height;

const resized = (rgb: Float32Array, from: Size, to: Size): Float32Array =>
  from.width === to.width ? rgb : resizePlanes(rgb, 3, from, to);

function windowGraph(model: EnlargingModel, { width, height }: Size): NamedTensors {
  const x = input(enlargingInput, [1, 3, height, width]);
  return { [enlargingOutput]: enlargingNetwork(x, enlargingParameters(model), model.options) };
}

/** Puts what counts of an enlarged window where it belongs. */
function placeCore(
  part: Float32Array,
  { rows, columns }: Tile,
  factor: number,
  rgb: Float32Array,
  size: Size,
): void {
  const partSize = { width: factor * columns.length, height: factor * rows.length };
  const [from, to] = [factor * columns.from, factor * columns.to];
  for (let channel = 0; channel < 3; channel += 1) {
    for (let y = factor * rows.from; y < factor * rows.to; y += 1) {
      const row = channel * partSize.height + y - factor * rows.start;
      const begin = row * partSize.width + from - factor * columns.start;
      rgb.set(part.subarray(begin, begin + to - from), (channel * size.height + y) * size.width + from);
    }
  }
}

function isGrey({ rgb }: Image): boolean {
  const pixels = rgb.length / 3;
  for (let i = 0; i < pixels; i += 1) {
    if (rgb[i] !== rgb[pixels + i] || rgb[i] !== rgb[2 * pixels + i]) return false;
  }
  return true;
}
