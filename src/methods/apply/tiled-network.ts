import {
  estimateCost,
  input,
  matmul,
  reshape,
  type Cost,
  type NamedTensors,
  type Tensor,
} from '../../graph/index.js';
import { createImage, type Image, type Size } from '../../images/image.js';
import { cutOut } from '../../images/margin.js';
import type { Raster } from '../../images/raster.js';
import { clampUnit } from '../../images/resize.js';
import type { PictureNetwork } from '../../networks/picture-network.js';
import { modelInput, modelOutput } from '../../networks/style-model.js';
import { inputsFor, type InputValues, type OutputValues, type Program } from '../../runtime/runtime.js';
import type { ProgramCache } from '../../runtime/program-cache.js';
import { eachTile } from '../tile-programs.js';
import { countedPositions, divideIntoTiles, largestTile, windowIn, windowOf, type Tile } from '../tiles.js';
import type { PaintReceiver } from './painter.js';

/** A network that is applied part by part. */
export interface TiledNetwork {
  readonly network: PictureNetwork;
  readonly conditions: InputValues;
  readonly programs: ProgramCache;
  readonly signal?: AbortSignal | undefined;
  /** Side of the cores in pixels. */
  readonly tile: number;
}

const statisticsInput = (stage: string): string => `statistics of ${stage}`;
const rowsInput = 'rows';
const columnsInput = 'columns';
const sumsOutput = 'sums';

/**
 * A network on tiles of a window's size.
 * @param stage undefined for the picture; or that whose map's sums are wanted, with the statistics before it known
 */
function tileGraph(network: PictureNetwork, { width, height }: Size, stage?: string): NamedTensors {
  let measured: NamedTensors | undefined;
  const painted = network.paint(input(modelInput, [1, 3, height, width]), (map, name) => {
    const sums = network.sums(map, countedMask(map));
    if (name === stage) measured = { [sumsOutput]: sums };
    return input(statisticsInput(name), sums.shape);
  });
  return measured ?? { [modelOutput]: painted };
}

/** The positions of a map that count: those of the tile's core. */
function countedMask({ shape }: Tensor): Tensor {
  const [height, width] = shape.slice(2) as [number, number];
  const mask = matmul(input(rowsInput, [height, 1]), input(columnsInput, [1, width]));
  return reshape(mask, [1, 1, height, width]);
}

/** What computing a picture in tiles takes: the largest tile's memory and window, and the operations of all passes. */
export function tileCost(
  network: PictureNetwork,
  size: Size,
  side: number,
): Cost & { readonly window: Size } {
  const tiles = divideIntoTiles(size, side, network.radius);
  const window = windowOf(largestTile(tiles));
  const cost = estimateCost(tileGraph(network, window));
  const passes = (network.stages.length + 1) / 2;
  return { ...cost, window, operations: cost.operations * tiles.length * passes };
}

/**
 * Repaints a picture tile by tile, as if it were done as a whole: one pass for each map whose statistics the network takes finds them
 * over the whole picture, with those before it known, and a last one paints. Memory does not grow with the picture beyond it; there
 * are no seams, as each tile's window shows all that its core sees.
 */
export async function repaintInTiles(
  tiled: TiledNetwork,
  photograph: Raster,
  receive: PaintReceiver,
): Promise<void> {
  const tiles = divideIntoTiles(photograph, tiled.tile, tiled.network.radius);
  const sums: Float64Array[] = [];
  while (sums.length < tiled.network.stages.length) {
    sums.push(await measureTiles(tiled, photograph, tiles, sums));
  }
  await paintTiles(tiled, photograph, tiles, sums, receive);
}

/**
 * Measures the next map that the network takes statistics of.
 * @param sums of those before it, over all tiles
 * @returns its sums over these tiles
 */
export async function measureTiles(
  tiled: TiledNetwork,
  photograph: Raster,
  tiles: readonly Tile[],
  sums: readonly Float64Array[],
): Promise<Float64Array> {
  const stage = tiled.network.stages[sums.length]!;
  let total: Float64Array | undefined;
  await overTiles(tiled, photograph, tiles, stage, statisticsFrom(tiled, sums), (outputs) => {
    const found = outputs[sumsOutput]!;
    total ??= new Float64Array(found.length);
    for (let i = 0; i < found.length; i += 1) total[i]! += found[i]!;
  });
  return total!;
}

/** Paints tiles. @param sums of all maps that the network takes statistics of, over all tiles */
export async function paintTiles(
  tiled: TiledNetwork,
  photograph: Raster,
  tiles: readonly Tile[],
  sums: readonly Float64Array[],
  receive: PaintReceiver,
): Promise<void> {
  await overTiles(tiled, photograph, tiles, undefined, statisticsFrom(tiled, sums), (outputs, tile) =>
    receive(coreOf(outputs[modelOutput]!, tile), tile.columns.from, tile.rows.from),
  );
}

/** The statistics of maps, as inputs: their sums divided by how many positions there are. */
function statisticsFrom(
  { network }: TiledNetwork,
  sums: readonly Float64Array[],
): Readonly<Record<string, Float32Array>> {
  const known = sums.map((total, index) => {
    const count = total.at(-1)!;
    return [statisticsInput(network.stages[index]!), Float32Array.from(total, (sum) => sum / count)] as const;
  });
  return Object.fromEntries(known);
}

/** What counts of a painted window. */
function coreOf(painted: Float32Array, { rows, columns }: Tile): Image {
  const core = cutOut(createImage(columns.length, rows.length, painted), {
    left: columns.from - columns.start,
    top: rows.from - rows.start,
    width: columns.to - columns.from,
    height: rows.to - rows.from,
  });
  clampUnit(core.rgb);
  return core;
}

/** One pass: the network up to a stage, or as a whole, on every tile. */
function overTiles(
  { network, conditions, programs, signal }: TiledNetwork,
  photograph: Raster,
  tiles: readonly Tile[],
  stage: string | undefined,
  known: Readonly<Record<string, Float32Array>>,
  take: (outputs: OutputValues, tile: Tile) => void,
): Promise<void> {
  const compute = async (program: Program, tile: Tile): Promise<void> => {
    const { rgb } = windowIn(photograph, tile);
    const marks = stage === undefined ? undefined : marksOf(program, tile);
    const inputs = inputsFor(program, { [modelInput]: rgb, ...conditions, ...known, ...marks });
    take(await program.run(inputs), tile);
  };
  const graph = {
    key: `tile of ${network.key} ${stage ?? ''}`,
    build: (window: Size) => tileGraph(network, window, stage),
  };
  return eachTile(tiles, programs, graph, compute, signal);
}

/** Which rows and columns of a stage's map are of the tile's core. */
const marksOf = ({ inputs }: Program, { rows, columns }: Tile): InputValues => ({
  [rowsInput]: countedPositions(rows, inputs[rowsInput]![0]!),
  [columnsInput]: countedPositions(columns, inputs[columnsInput]![1]!),
});
