/** The sides of one picture's map, `[C, H, W]`. */
export interface MapSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** One picture's map, `[C, H, W]`. */
export interface FeatureMap extends MapSize {
  readonly values: Float32Array;
}

/** How a map is cut into blocks of equal size; those at the right and bottom may reach beyond it. */
export interface Blocks {
  readonly height: number;
  readonly width: number;
  /** Positions on each side that a block's patches reach beyond it. */
  readonly reach: number;
  /** Row and column of each block's first position. */
  readonly origins: readonly (readonly [row: number, column: number])[];
}

/**
 * Longest side of a block. Two blocks of 22 x 22 are 234,256 pairs of patches, whose products stay in a processor's cache
 * while they are summed, normalised and compared; with blocks of 32 a pair takes two to three times as long. Smaller blocks
 * are more runs of the graph, in each of which the threads have to wait for each other.
 */
const longestSide = 22;

/** Cuts a map into equal blocks. */
export function cutIntoBlocks(height: number, width: number, reach: number): Blocks {
  const [rows, columns] = [Math.ceil(height / longestSide), Math.ceil(width / longestSide)];
  const [blockHeight, blockWidth] = [Math.ceil(height / rows), Math.ceil(width / columns)];
  const origins = Array.from(
    { length: rows * columns },
    (_, i) => [Math.floor(i / columns) * blockHeight, (i % columns) * blockWidth] as const,
  );
  return { height: blockHeight, width: blockWidth, reach, origins };
}

/** Height and width of a block with what its patches reach. */
export function windowSize({ height, width, reach }: Blocks): { height: number; width: number } {
  return { height: height + 2 * reach, width: width + 2 * reach };
}

/**
 * A block with what its patches reach, as `[C, positions]`, zero outside the map.
 * @param spare positions of zeros to append
 * @param scale factor for all values
 */
export function cutWindow(
  map: FeatureMap,
  blocks: Blocks,
  [row, column]: readonly [number, number],
  { spare = 0, scale = 1 } = {},
): Float32Array {
  const size = windowSize(blocks);
  const length = size.height * size.width + spare;
  const window = new Float32Array(map.channels * length);
  const [top, left] = [row - blocks.reach, column - blocks.reach];
  const [from, to] = [Math.max(0, left), Math.min(map.width, left + size.width)];
  for (let channel = 0; channel < map.channels; channel += 1) {
    for (let y = Math.max(0, top); y < Math.min(map.height, top + size.height); y += 1) {
      const source = (channel * map.height + y) * map.width;
      let at = channel * length + (y - top) * size.width + (from - left);
      for (let x = from; x < to; x += 1) window[at++] = map.values[source + x]! * scale;
    }
  }
  return window;
}

/**
 * The values of every patch of a one-channel window.
 * @param offsets of rows and of columns, from a patch's first position
 * @param patches how many, counted along the window's positions, a patch standing at its first position
 * @returns `[taps, patches]`; zero where a patch reaches beyond the window
 */
export function unfoldWindow(
  window: Float32Array,
  width: number,
  offsets: readonly number[],
  patches: number,
): Float32Array {
  const unfolded = new Float32Array(offsets.length ** 2 * patches);
  offsets.forEach((dy, i) =>
    offsets.forEach((dx, j) => {
      const shift = dy * width + dx;
      const tap = window.subarray(shift, shift + patches);
      unfolded.set(tap, (i * offsets.length + j) * patches);
    }),
  );
  return unfolded;
}
