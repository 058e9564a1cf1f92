import { sameShape, shapeError } from '../../shape.js';
import { apply, type Emitter, type Operator, type Tensor } from '../../tensor.js';
import { borderSource, type PaddingMode } from '../border.js';

/*
 * Overlapping square tiles of a map with its channels last: the operands of Winograd's filtering. A pixel with all its
 * channels is contiguous in memory, so that cutting and joining tiles moves whole runs.
 */

export type TileAttributes = {
  /** Of the map, `[N, H, W, C]`. */
  shape: readonly number[];
  /** Added at the top, left, bottom and right. */
  padding: readonly number[];
  border: PaddingMode;
  /** Rows and columns of a tile, and the distance to the next one. */
  side: number;
  step: number;
};

/** Tiles down and across that cover the padded map. */
function tileCounts({ shape, padding, side, step }: TileAttributes): [down: number, across: number] {
  const [, height, width] = shape as [number, number, number, number];
  const [top, left, bottom, right] = padding as [number, number, number, number];
  const count = (length: number): number => Math.ceil((length - side) / step) + 1;
  return [count(height + top + bottom), count(width + left + right)];
}

/**
 * For each place in a tile, and for each tile, the pixel of the map there, as a row of `[N H W, C]`; -1 for zeros of a border
 * and places beyond the padded map.
 */
function pixelsOfTiles(attributes: TileAttributes): number[] {
  const { shape, padding, border, side, step } = attributes;
  const [n, height, width] = shape as [number, number, number, number];
  const [top, left, bottom, right] = padding as [number, number, number, number];
  const [down, across] = tileCounts(attributes);
  const source = (place: number, before: number, length: number, after: number): number =>
    place < before + length + after ? borderSource(place - before, length, border) : -1;
  const pixels: number[] = [];
  for (let i = 0; i < side; i += 1) {
    const rows = Array.from({ length: down }, (_, p) => source(step * p + i, top, height, bottom));
    for (let j = 0; j < side; j += 1) {
      const columns = Array.from({ length: across }, (_, q) => source(step * q + j, left, width, right));
      for (let picture = 0; picture < n; picture += 1) {
        for (const y of rows) {
          for (const x of columns) pixels.push(y < 0 || x < 0 ? -1 : (picture * height + y) * width + x);
        }
      }
    }
  }
  return pixels;
}

const tileShape = (attributes: TileAttributes): [number, number, number] => {
  const [down, across] = tileCounts(attributes);
  return [attributes.side ** 2, attributes.shape[0]! * down * across, attributes.shape[3]!];
};

const toTilesOperator: Operator<TileAttributes> = {
  name: 'toTiles',
  infer: ([x], attributes) => {
    if (!sameShape(x!.shape, attributes.shape))
      throw shapeError('taking tiles', [x!.shape, attributes.shape], 'the attributes are for another map');
    return { shape: tileShape(attributes), dtype: 'float32' };
  },
  emit: (tensor, emitter, attributes) => {
    const channels = attributes.shape[3]!;
    const pixels = pixelsOfTiles(attributes);
    let rows = emitter.node('Reshape', [emitter.inputs[0]!, emitter.integers([-1, channels])]);
    let zeroRow = 0;
    if (attributes.border === 'zero' && pixels.includes(-1)) {
      zeroRow = attributes.shape.slice(0, 3).reduce((product, length) => product * length, 1);
      const zeros = emitter.floats(new Array<number>(channels).fill(0), [1, channels]);
      rows = emitter.node('Concat', [rows, zeros], { axis: 0 });
    }
    const places = emitter.integers(pixels.map((pixel) => (pixel < 0 ? zeroRow : pixel)));
    const tiles = emitter.node('Gather', [rows, places], { axis: 0 });
    emitter.node('Reshape', [tiles, emitter.integers(tensor.shape)], {}, emitter.output);
  },
};

const fromTilesOperator: Operator<TileAttributes> = {
  name: 'fromTiles',
  infer: (_, { shape }) => ({ shape, dtype: 'float32' }),
  emit: (tensor, emitter, attributes) => {
    const channels = attributes.shape[3]!;
    const tiles = emitter.node('Reshape', [emitter.inputs[0]!, emitter.integers([-1, channels])]);
    const [first, ...further] = oncePerPixel(pixelsOfTiles(attributes));
    const rows = (places: readonly number[]): string =>
      emitter.node('Gather', [tiles, emitter.integers(places)], { axis: 0 });
    const inOrder = [...first!].sort(([one], [other]) => one - other).map(([, place]) => place);
    // ONNX Runtime scatters in parallel, so no index may occur twice.
    const whole = further.reduce(
      (sums, part) => added(emitter, sums, [...part.keys()], rows([...part.values()])),
      rows(inOrder),
    );
    emitter.node('Reshape', [whole, emitter.integers(tensor.shape)], {}, emitter.output);
  },
};

function added(emitter: Emitter, sums: string, pixels: readonly number[], values: string): string {
  const column = emitter.node('Reshape', [emitter.integers(pixels), emitter.integers([pixels.length, 1])]);
  return emitter.node('ScatterND', [sums, column, values], { reduction: 'add' });
}

/** The places of the tiles that show a pixel, by pixel, in as many maps as a pixel is shown at most. */
function oncePerPixel(pixels: readonly number[]): Map<number, number>[] {
  const maps: Map<number, number>[] = [];
  pixels.forEach((pixel, place) => {
    if (pixel < 0) return;
    let round = 0;
    while (maps[round]?.has(pixel) === true) round += 1;
    (maps[round] ??= new Map()).set(pixel, place);
  });
  return maps;
}

/**
 * Overlapping square tiles of a map with its channels last, its border padded. Tile `(p, q)` begins at row `step p` and
 * column `step q` of the padded map. Places beyond the padded map are zero and have no gradient.
 * @param x `[N, H, W, C]`
 * @returns `[side^2, N down across, C]`: one map of all tiles for each place in a tile
 */
export const toTiles = (x: Tensor, attributes: TileAttributes): Tensor =>
  apply(toTilesOperator, [x], attributes);

/** The transpose of {@link toTiles}: for each pixel the sum of all places that show it. */
export const fromTiles = (x: Tensor, attributes: TileAttributes): Tensor =>
  apply(fromTilesOperator, [x], attributes);
