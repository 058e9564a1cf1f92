import { shapeError } from '../../shape.js';
import { apply, type Emitter, type Operator, type Tensor } from '../../tensor.js';
import { fromBlocks, toBlocks } from './channel-blocks.js';

/*
 * A map of twice the height and width as four maps, its phases: phase (a, b) has its pixels (2 i + a, 2 j + b). Convolving
 * a small map with four small kernels gives all phases at once, each where its kernel begins, so that phase
 * (a, b) of an [H + 1, W + 1] result begins at (a, b), and one row and one column of it are unused. The phases are one
 * after the other, each with all its channels, so that they fill whole blocks of channels: moving a block of 16 channels
 * takes as long as moving a single value.
 */

type Size = readonly [n: number, channels: number, height: number, width: number];

/**
 * The map and its phases as rows of `block` values, `[groups, pixels]` and `[4, groups, places]`: for each row of the map
 * which row of the phases it is.
 */
function rowsOfMap(height: number, width: number, groups: number): Int32Array {
  const across = width / 2 + 1;
  const each = (height / 2 + 1) * across;
  const rows = new Int32Array(groups * height * width);
  let row = 0;
  for (let group = 0; group < groups; group += 1) {
    for (let y = 0; y < height; y += 1) {
      const a = y % 2;
      for (let x = 0; x < width; x += 1) {
        const b = x % 2;
        const place = ((y + a) / 2) * across + (x + b) / 2;
        rows[row] = ((2 * a + b) * groups + group) * each + place;
        row += 1;
      }
    }
  }
  return rows;
}

/** In the plain layout each channel is moved separately; in blocks, all groups of a picture at once. */
const separate = ([n, channels]: Size, block: number): { maps: number; groups: number } =>
  block === 1 ? { maps: n * channels, groups: 1 } : { maps: n, groups: channels / block };

type PhaseAttributes = { block: number };

const joinPhasesOperator: Operator<PhaseAttributes> = {
  name: 'joinPhases',
  infer: ([x]) => {
    const [n, channels, height, width] = x!.shape as Size;
    if (x!.shape.length !== 4 || channels % 4 !== 0 || height < 2 || width < 2)
      throw shapeError(
        'joining phases',
        [x!.shape],
        'four maps per channel are needed, with sides of at least 2',
      );
    return { shape: [n, channels / 4, 2 * (height - 1), 2 * (width - 1)], dtype: 'float32' };
  },
  emit: (tensor, emitter, { block }) => {
    const [n, channels, height, width] = tensor.shape as unknown as Size;
    if (emitter.freeSizes) return emitFree(emitter, channels);
    const { maps, groups } = separate([n, channels, height, width], block);
    let phases = emitter.inputs[0]!;
    if (block === 1) {
      phases = emitter.node('Reshape', [phases, emitter.integers([n, 4, channels, -1])]);
      phases = emitter.node('Transpose', [phases], { perm: [0, 2, 1, 3] });
    }
    const flat = emitter.node('Reshape', [phases, emitter.integers([maps, -1, block])]);
    const rows = emitter.integers(rowsOfMap(height, width, groups));
    const joined = emitter.node('Gather', [flat, rows], { axis: 1 });
    emitter.node('Reshape', [joined, emitter.integers(tensor.shape)], {}, emitter.output);
  },
  gradient: (_, g, { block }) => [apply(splitPhasesOperator, [g], { block })],
  lower: inBlocks,
};

/** In terms of channels alone: each phase is cut out of its channels and rows, and they are shuffled together. */
function emitFree(emitter: Emitter, channels: number): void {
  const [first, end] = [0, Number.MAX_SAFE_INTEGER];
  const phases = [0, 1, 2, 3].map((phase) => {
    const [y, x] = [Math.floor(phase / 2), phase % 2];
    const range = (offset: number): [number, number] => (offset === 0 ? [first, -1] : [1, end]);
    const cuts = [[phase * channels, (phase + 1) * channels], range(y), range(x)];
    const [starts, ends] = [0, 1].map((side) => emitter.integers(cuts.map((cut) => cut[side]!)));
    return emitter.node('Slice', [emitter.inputs[0]!, starts!, ends!, emitter.integers([1, 2, 3])]);
  });
  const deep = emitter.node('Concat', phases, { axis: 1 });
  emitter.node('DepthToSpace', [deep], { blocksize: 2, mode: 'DCR' }, emitter.output);
}

const splitPhasesOperator: Operator<PhaseAttributes> = {
  name: 'splitPhases',
  infer: ([x]) => {
    const [n, channels, height, width] = x!.shape as Size;
    if (x!.shape.length !== 4 || height % 2 !== 0 || width % 2 !== 0)
      throw shapeError('splitting into phases', [x!.shape], 'four axes and even sides are needed');
    return { shape: [n, 4 * channels, height / 2 + 1, width / 2 + 1], dtype: 'float32' };
  },
  emit: (tensor, emitter, { block }) => {
    const size = tensor.inputs[0]!.shape as unknown as Size;
    const { maps, groups } = separate(size, block);
    const [n, channels, height, width] = size;
    const sources = new Int32Array(4 * groups * (height / 2 + 1) * (width / 2 + 1)).fill(-1);
    rowsOfMap(height, width, groups).forEach((row, source) => {
      sources[row] = source;
    });
    const flat = emitter.node('Reshape', [emitter.inputs[0]!, emitter.integers([maps, -1, block])]);
    const rows = emitter.integers(sources.map((source) => Math.max(source, 0)));
    let split = emitter.node('Gather', [flat, rows], { axis: 1 });
    // The few unused rows are overwritten with zeros in place.
    const nowhere: number[] = [];
    sources.forEach((source, row) => {
      if (source < 0) nowhere.push(row);
    });
    const part = emitter.integers([maps, nowhere.length, block]);
    const column = [emitter.integers(nowhere), emitter.integers([1, nowhere.length, 1])];
    const places = emitter.node('Expand', [emitter.node('Reshape', column), part]);
    const zeros = emitter.node('Expand', [emitter.floats([0]), part]);
    split = emitter.node('ScatterElements', [split, places, zeros], { axis: 1 });
    if (block === 1) {
      split = emitter.node('Reshape', [split, emitter.integers([n, channels, 4, -1])]);
      split = emitter.node('Transpose', [split], { perm: [0, 2, 1, 3] });
    }
    emitter.node('Reshape', [split, emitter.integers(tensor.shape)], {}, emitter.output);
  },
  gradient: (_, g, { block }) => [apply(joinPhasesOperator, [g], { block })],
  lower: inBlocks,
};

/** The same in blocks of channels, where every phase fills whole ones. */
function inBlocks(
  { operator, inputs, shape }: Tensor,
  { block }: PhaseAttributes,
  target: Parameters<NonNullable<Operator['lower']>>[2],
): Tensor | undefined {
  if (typeof target !== 'object' || block !== 1) return undefined;
  const { channelBlock } = target;
  const channels = [shape[1]!, inputs[0]!.shape[1]!];
  if (channels.some((count) => count % channelBlock !== 0)) return undefined;
  return fromBlocks(
    apply(operator, [toBlocks(inputs[0]!, channelBlock)], { block: channelBlock }),
    shape[1]!,
  );
}

/**
 * Joins four phases: value `(2 i + a, 2 j + b)` of channel `k` is value `(i + a, j + b)` of channel
 * `(2 a + b) C + k`.
 * @param x `[N, 4 C, H + 1, W + 1]`
 * @returns `[N, C, 2 H, 2 W]`
 * @throws StyleError `E_SHAPE` for other shapes
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const phases = graph.input('phases', [1, 4 * 8, 17, 17]);
 * const map = graph.joinPhases(phases); // [1, 8, 32, 32]
 * ```
 */
export const joinPhases = (x: Tensor): Tensor => apply(joinPhasesOperator, [x], { block: 1 });

/**
 * The transpose of {@link joinPhases}: every value at its place among the phases, and zeros in the unused places.
 * @param x `[N, C, 2 H, 2 W]`
 * @returns `[N, 4 C, H + 1, W + 1]`
 * @throws StyleError `E_SHAPE` for other shapes
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const map = graph.input('map', [1, 8, 32, 32]);
 * const phases = graph.splitPhases(map); // [1, 32, 17, 17]
 * ```
 */
export const splitPhases = (x: Tensor): Tensor => apply(splitPhasesOperator, [x], { block: 1 });
