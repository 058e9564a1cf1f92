import {
  add,
  estimateCost,
  input,
  matmul,
  multiply,
  reshape,
  sqrt,
  divide,
  square,
  subtract,
  type Cost,
  type NamedTensors,
  type Tensor,
} from '../../graph/index.js';
import { createImage, type Image, type Size } from '../../images/image.js';
import { cutOut } from '../../images/margin.js';
import type { Raster } from '../../images/raster.js';
import { clampUnit } from '../../images/resize.js';
import { conditionalNetwork, conditionInputs } from '../../networks/conditional-network.js';
import { modelInput, modelOutput, modelParameters, type StyleModel } from '../../networks/style-model.js';
import { normalizationChannels, receptiveRadius } from '../../networks/transformation-network.js';
import type { InputValues, OutputValues, Program } from '../../runtime/runtime.js';
import type { ProgramCache } from '../../runtime/program-cache.js';
import { eachTile } from '../tile-programs.js';
import { divideIntoTiles, largestTile, windowIn, windowOf, type Tile } from '../tiles.js';
import type { PaintReceiver } from './painter.js';

/** As in `instanceNormalization`. */
const epsilon = 1e-5;

/** Moments of a stage's map over the whole picture, by channel. */
interface Moments {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** A model that is applied part by part. */
export interface TiledNetwork {
  readonly model: StyleModel;
  readonly conditions: InputValues;
  readonly programs: ProgramCache;
  readonly signal?: AbortSignal | undefined;
  /** Side of the cores in pixels. */
  readonly tile: number;
}

const meanInput = (stage: string): string => `mean of ${stage}`;
const varianceInput = (stage: string): string => `variance of ${stage}`;
const rowsInput = 'rows';
const columnsInput = 'columns';

/**
 * A network on tiles of a window's size.
 * @param stage undefined for the picture; or the normalization whose map's sums are wanted, with those before it known
 */
function tileGraph(model: StyleModel, { width, height }: Size, stage?: string): NamedTensors {
  const x = input(modelInput, [1, 3, height, width]);
  let measured: NamedTensors | undefined;
  const normalize = (map: Tensor, name: string, scale: Tensor, shift: Tensor): Tensor => {
    if (name === stage) measured = sumsOf(map);
    const channels = map.shape[1]!;
    const moment = (label: string): Tensor => reshape(input(label, [channels]), [1, channels, 1, 1]);
    const deviation = sqrt(add(moment(varianceInput(name)), epsilon));
    const perChannel = (values: Tensor): Tensor => reshape(values, [1, channels, 1, 1]);
    const factor = divide(perChannel(scale), deviation);
    return add(multiply(subtract(map, moment(meanInput(name))), factor), perChannel(shift));
  };
  const painted = conditionalNetwork(
    x,
    modelParameters(model),
    conditionInputs(model.options, 1),
    model.options,
    normalize,
  );
  return measured ?? { [modelOutput]: painted };
}

/** Sums of a map and of its squares, over the positions that count: those of the tile's core. */
function sumsOf(map: Tensor): NamedTensors {
  const [, channels, height, width] = map.shape as [number, number, number, number];
  const rows = input(rowsInput, [1, height]);
  const columns = input(columnsInput, [width, 1]);
  const sum = (values: Tensor): Tensor => {
    const ofRows = matmul(reshape(values, [channels * height, width]), columns);
    return matmul(rows, reshape(ofRows, [channels, height, 1]));
  };
  return { sum: sum(map), squares: sum(square(map)) };
}

/** What computing a picture in tiles takes: the largest tile's memory and window, and the operations of all passes. */
export function tileCost(model: StyleModel, size: Size, side: number): Cost & { readonly window: Size } {
  const tiles = divideIntoTiles(size, side, receptiveRadius(model.options));
  const window = windowOf(largestTile(tiles));
  const cost = estimateCost(tileGraph(model, window));
  const passes = (Object.keys(normalizationChannels(model.options)).length + 1) / 2;
  return { ...cost, window, operations: cost.operations * tiles.length * passes };
}

/**
 * Repaints a picture tile by tile, as if it were done as a whole: one pass for each normalization finds the moments of its map over
 * the whole picture, with those before it known, and a last one paints. Memory does not grow with the picture beyond it; there are no
 * seams, as each tile's window shows all that its core sees.
 */
export async function repaintInTiles(
  network: TiledNetwork,
  photograph: Raster,
  receive: PaintReceiver,
): Promise<void> {
  const { model, tile } = network;
  const tiles = divideIntoTiles(photograph, tile, receptiveRadius(model.options));
  const moments: Record<string, Float32Array> = {};
  for (const [stage, channels] of Object.entries(normalizationChannels(model.options))) {
    const { mean, variance } = await measureStage(network, photograph, tiles, { stage, channels }, moments);
    moments[meanInput(stage)] = mean;
    moments[varianceInput(stage)] = variance;
  }
  await overTiles(network, photograph, tiles, undefined, moments, (outputs, tile) =>
    receive(coreOf(outputs[modelOutput]!, tile), tile.columns.from, tile.rows.from),
  );
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

async function measureStage(
  network: TiledNetwork,
  photograph: Raster,
  tiles: readonly Tile[],
  { stage, channels }: { readonly stage: string; readonly channels: number },
  known: Readonly<Record<string, Float32Array>>,
): Promise<Moments> {
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  let count = 0;
  await overTiles(network, photograph, tiles, stage, known, (outputs, _, positions) => {
    count += positions;
    outputs['sum']!.forEach((value, channel) => (sums[channel]! += value));
    outputs['squares']!.forEach((value, channel) => (squares[channel]! += value));
  });
  const mean = Float32Array.from(sums, (sum) => sum / count);
  const variance = Float32Array.from(squares, (square, channel) =>
    Math.max(0, square / count - (sums[channel]! / count) ** 2),
  );
  return { mean, variance };
}

/** One pass: the network up to a stage, or as a whole, on every tile. */
function overTiles(
  { model, conditions, programs, signal }: TiledNetwork,
  photograph: Raster,
  tiles: readonly Tile[],
  stage: string | undefined,
  known: Readonly<Record<string, Float32Array>>,
  take: (outputs: OutputValues, tile: Tile, positions: number) => void,
): Promise<void> {
  const compute = async (program: Program, tile: Tile): Promise<void> => {
    const { rgb } = windowIn(photograph, tile);
    const sides = stage === undefined ? undefined : countedPositions(program, tile);
    const inputs = inputsOf(program, { [modelInput]: rgb, ...conditions, ...known, ...sides });
    const positions = sides === undefined ? 0 : sumOf(sides[rowsInput]!) * sumOf(sides[columnsInput]!);
    take(await program.run(inputs), tile, positions);
  };
  const graph = {
    key: `tile ${model.options.form} ${stage ?? ''}`,
    build: (window: Size) => tileGraph(model, window, stage),
  };
  return eachTile(tiles, programs, graph, compute, signal);
}

/** Those values that a program has inputs for. */
export const inputsOf = (program: Program, values: InputValues): InputValues =>
  Object.fromEntries(Object.keys(program.inputs).map((name) => [name, values[name]!]));

const sumOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0);

/** Which rows and columns of a stage's map are of the tile's core: 1, others 0. */
function countedPositions(program: Program, { rows, columns }: Tile): Record<string, Float32Array> {
  const marks = (
    length: number,
    span: { start: number; length: number; from: number; to: number },
  ): Float32Array => {
    // Pixels of the picture between neighbours of the map.
    const step = 2 ** Math.round(Math.log2(span.length / length));
    return Float32Array.from({ length }, (_, i) => {
      const place = span.start + i * step;
      // At the picture's end maps may go on by a position, which the whole network counts as well.
      const isLast = span.to === span.start + span.length;
      return place >= span.from && (place < span.to || isLast) ? 1 : 0;
    });
  };
  return {
    [rowsInput]: marks(program.inputs[rowsInput]![1]!, rows),
    [columnsInput]: marks(program.inputs[columnsInput]![0]!, columns),
  };
}
