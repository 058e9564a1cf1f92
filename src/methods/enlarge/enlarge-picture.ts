import { argumentError } from '../../errors.js';
import { estimateCost, input, type Cost, type NamedTensors } from '../../graph/index.js';
import { coloursUnderAlpha } from '../../images/colours-under-alpha.js';
import { createImage, type Image, type Size } from '../../images/image.js';
import { greyPicture, isGrey } from '../../images/luminance.js';
import { clampUnit, resizePlanes } from '../../images/resize.js';
import {
  enlargingInput,
  enlargingOutput,
  enlargingParameters,
  type EnlargingModel,
} from '../../networks/enlarging-model.js';
import { enlargingNetwork, enlargingRadius } from '../../networks/enlarging-network.js';
import { eachTile } from '../tile-programs.js';
import {
  divideIntoTiles,
  largestTile,
  placeCore,
  windowArea,
  windowIn,
  windowOf,
  type Tile,
} from '../tiles.js';
import { optimizationMemory, noOptimizer, resultMemory } from '../optimization/memory.js';
import type { Program } from '../../runtime/runtime.js';
import type { ProgramCache } from '../../runtime/program-cache.js';
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
    throw argumentError(
      'factor',
      `The model makes pictures ${model.options.factor} times as large, not ${factor} times.`,
      `Take the factor ${model.options.factor}, or another model.`,
    );
  }
  const tiles = tilesOf(picture, model, settings);
  const largest = largestTile(tiles);
  const window = windowOf(largest);
  const cost: Cost = estimateCost(windowGraph(model, window));
  const result = enlargedSize(picture, factor);
  const part = optimizationMemory(cost, noOptimizer, enlargedSize(window, model.options.factor));
  return {
    memoryBytes: resultMemory(result) + part,
    operations:
      (cost.operations / windowArea(largest)) * tiles.reduce((sum, tile) => sum + windowArea(tile), 0),
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
  const compute = async (program: Program, tile: Tile): Promise<void> => {
    const { [enlargingOutput]: output } = await program.run({ [enlargingInput]: windowIn(source, tile).rgb });
    const window = windowOf(tile);
    const part = resized(output!, enlargedSize(window, model.options.factor), enlargedSize(window, factor));
    placeCore(part, tile, rgb, { width, height }, factor);
  };
  const graph = { key: 'enlarge', build: (window: Size) => windowGraph(model, window) };
  await eachTile(tilesOf(picture, model, settings), programs, graph, compute, signal);
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

const resized = (rgb: Float32Array, from: Size, to: Size): Float32Array =>
  from.width === to.width ? rgb : resizePlanes(rgb, 3, from, to);

function windowGraph(model: EnlargingModel, { width, height }: Size): NamedTensors {
  const x = input(enlargingInput, [1, 3, height, width]);
  return { [enlargingOutput]: enlargingNetwork(x, enlargingParameters(model), model.options) };
}
