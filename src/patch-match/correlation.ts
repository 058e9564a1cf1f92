import {
  add,
  divide,
  greater,
  input,
  matmul,
  multiply,
  reshape,
  slice,
  sqrt,
  where,
  type NamedTensors,
  type Tensor,
} from '../graph/index.js';
import { firstBest } from './first-best.js';
import { windowSize, type Blocks } from './windows.js';

/** Less than any patch scores. */
const noScore = -2;

/** Shapes that a graph of {@link blockCorrelation} is for. */
export interface CorrelationShape {
  readonly channels: number;
  readonly input: Blocks;
  readonly target: Blocks;
  /** Row or column offsets of a patch's taps, from its first position on. */
  readonly offsets: readonly number[];
}

/** Patches of a block, counted along its window from the first to the last: some stand across the window's edge. */
export function patchesAlong(blocks: Blocks): number {
  return (blocks.height - 1) * windowSize(blocks).width + blocks.width;
}

/**
 * For every patch of an input block, its best match in a target block by normalised cross-correlation,
 * `sum(a b) / (|a| |b| + epsilon)` over the taps that lie inside both maps.
 *
 * The product of two patches is the sum, over their taps, of products of single positions, and the taps of a pair are
 * on a diagonal of the matrix of all positions against all positions. Row by row in memory that is a constant distance.
 * So one product over the channels and a sum of shifted copies replace a product of unfolded patches, which would take
 * as many times the operations as a patch has taps; rows and columns are summed one after the other.
 *
 * Inputs, with P positions of the target's window and T taps: `input` `[C, positions + 1]`, `target` `[C, P]`; for the
 * patches' norms the squared lengths at each tap, `inputEnergy` `[T, patches]` and `targetEnergy` `[T, P]`, and which taps
 * lie inside the maps, `inputInside` and `targetInside`; `present` `[1, P]`, 1 where a target patch begins and 0 where the
 * window's edge would run through it; `epsilon` `[1]`.
 * @returns `score` `[patches]`, and `match` `[patches]`, the number of the position in the target's window where the best
 * patch begins; of equal ones the first
 */
export function blockCorrelation({ channels, input: a, target: b, offsets }: CorrelationShape): NamedTensors {
  const [inputSize, targetSize] = [windowSize(a), windowSize(b)];
  const [rows, columns] = [inputSize.height * inputSize.width, targetSize.height * targetSize.width];
  const [patches, taps] = [patchesAlong(a), offsets.length ** 2];
  // The row of zeros at the end lets sums run on for whole rows of the result.
  const products = matmul(input('input', [channels, rows + 1]), input('target', [channels, columns]), {
    transposeA: true,
  });
  const flat = reshape(products, [(rows + 1) * columns]);
  const reach = offsets.at(-1)!;
  const [right, down] = [columns + 1, inputSize.width * columns + targetSize.width];
  const along = sumShifted(flat, right, offsets, flat.shape[0]! - reach * right);
  const sums = reshape(sumShifted(along, down, offsets, patches * columns), [patches, columns]);
  const squares = (energy: Tensor, inside: Tensor): Tensor => matmul(energy, inside, { transposeA: true });
  const norms = sqrt(
    multiply(
      squares(input('inputEnergy', [taps, patches]), input('targetInside', [taps, columns])),
      squares(input('inputInside', [taps, patches]), input('targetEnergy', [taps, columns])),
    ),
  );
  const present = greater(input('present', [1, columns]), 0);
  const scores = where(present, divide(sums, add(norms, input('epsilon', [1]))), noScore);
  return firstBest(scores);
}

/** `sum over k in offsets of x[i + k distance]`, for i below `length`; offsets are evenly spaced. */
function sumShifted(x: Tensor, distance: number, offsets: readonly number[], length: number): Tensor {
  const [first, second = first] = offsets as [number, number?];
  const step = (second - first) * distance;
  return sumOfRun(x, first * distance, step, offsets.length, length);
}

/**
 * The sum of `count` slices of a length, a step apart. That of an even number is made of one of half the number, which takes
 * few sums, and little memory, for large patches too.
 */
function sumOfRun(x: Tensor, start: number, step: number, count: number, length: number): Tensor {
  const part = (whole: Tensor, from: number): Tensor => slice(whole, [from], [from + length]);
  if (count <= 3) {
    return Array.from({ length: count }, (_, k) => part(x, start + k * step)).reduce((sum, one) =>
      add(sum, one),
    );
  }
  if (count % 2 === 1) {
    return add(sumOfRun(x, start, step, count - 1, length), part(x, start + (count - 1) * step));
  }
  const apart = (count / 2) * step;
  const half = sumOfRun(x, start, step, count / 2, length + apart);
  return add(part(half, 0), part(half, apart));
}

/** About what the graph and its inputs take, in bytes: four times the products, and the unfolded norms on both sides. */
export function correlationBytes({
  input: a,
  target: b,
  offsets,
}: Omit<CorrelationShape, 'channels'>): number {
  const [inputSize, targetSize] = [windowSize(a), windowSize(b)];
  const columns = targetSize.height * targetSize.width;
  const products = inputSize.height * inputSize.width * columns;
  return 4 * (4 * products + 2 * 2 * offsets.length ** 2 * (patchesAlong(a) + columns));
}
