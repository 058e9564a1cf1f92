import { sameShape, shapeError } from '../shape.js';
import { apply, type Emitter, type Operator, type Tensor } from '../tensor.js';
import { add } from './arithmetic.js';
import { borderSource, type PaddingMode } from './border.js';
import { sum } from './broadcasting.js';
import { reverse } from './layout.js';
import { concat, paddedShape, padWithZeros, slice } from './slicing.js';

export type { PaddingMode };

export type BorderMode = Exclude<PaddingMode, 'zero'>;
type BorderAttributes = { before: readonly number[]; after: readonly number[]; mode: BorderMode };

const onnxMode = { reflect: 'reflect', replicate: 'edge' } as const;

const borderOperator: Operator<BorderAttributes> = {
  name: 'pad',
  infer: ([x], { before, after, mode }) => {
    const { shape } = x!;
    const padded = paddedShape(x!, { before, after });
    const widest = shape.map((_, axis) => Math.max(before[axis]!, after[axis]!));
    // ONNX Runtime reflects a reflected value wrongly, so one reflection must be enough.
    if (mode === 'reflect' && shape.some((length, axis) => widest[axis]! > 0 && widest[axis]! >= length)) {
      throw shapeError('reflect padding', [shape, before, after], 'padding must be smaller than the axis');
    }
    if (mode === 'circular' && shape.some((length, axis) => widest[axis]! > length)) {
      throw shapeError(
        'circular padding',
        [shape, before, after],
        'padding must not be longer than the axis',
      );
    }
    if (mode === 'replicate' && shape.includes(0))
      throw shapeError('replicate padding', [shape], 'there is no edge');
    return { shape: padded, dtype: x!.dtype };
  },
  emit: (tensor, emitter, { before, after, mode }) => {
    if (mode === 'circular') emitWrapped(tensor.inputs[0]!.shape, emitter, before, after);
    else {
      emitter.node(
        'Pad',
        [emitter.inputs[0]!, emitter.integers([...before, ...after])],
        { mode: onnxMode[mode] },
        emitter.output,
      );
    }
  },
  gradient: (_, g, { before, after, mode }) => [foldBorder(g, before, after, mode)],
  reach: (_, { before, after }) => Math.max(...before.slice(2).map((count, i) => count + 2 * after[i + 2]!)),
  border: (_, { mode }) => mode,
  simplify: (tensor) => (sameShape(tensor.shape, tensor.inputs[0]!.shape) ? tensor.inputs[0]! : undefined),
};

/** Copies each axis' ends to the other side, axis by axis; ONNX has a padding mode for it only from opset 19 on. */
function emitWrapped(
  shape: readonly number[],
  emitter: Emitter,
  before: readonly number[],
  after: readonly number[],
): void {
  const axes = shape.map((_, axis) => axis).filter((axis) => before[axis]! > 0 || after[axis]! > 0);
  let [padded] = emitter.inputs as [string];
  axes.forEach((axis, position) => {
    const part = (start: number, end: number): string =>
      emitter.node('Slice', [padded, ...[[start], [end], [axis]].map((list) => emitter.integers(list))]);
    const parts = [padded];
    if (before[axis]! > 0) parts.unshift(part(shape[axis]! - before[axis]!, shape[axis]!));
    if (after[axis]! > 0) parts.push(part(0, after[axis]!));
    const last = position === axes.length - 1;
    padded = emitter.node('Concat', parts, { axis }, last ? emitter.output : undefined);
  });
}

const foldOperator: Operator<BorderAttributes> = {
  name: 'foldBorder',
  infer: ([x], { before, after, mode }) => {
    const shape = x!.shape.map((length, axis) => length - (before[axis] ?? 0) - (after[axis] ?? 0));
    const widest = shape.map((_, axis) => Math.max(before[axis] ?? 0, after[axis] ?? 0));
    const least = (count: number): number =>
      ({ reflect: count + 1, replicate: 1, circular: Math.max(count, 1) })[mode];
    if (shape.some((length, axis) => length < least(widest[axis]!)))
      throw shapeError('folding a border', [x!.shape, before, after], 'the border is too wide');
    return { shape, dtype: 'float32' };
  },
  emit: (tensor, emitter, { before, after, mode }) => {
    const whole = tensor.inputs[0]!.shape;
    let [folded] = emitter.inputs as [string];
    whole.forEach((_, axis) => {
      const border = borderOf(tensor.shape[axis]!, before[axis]!, after[axis]!, mode);
      if (border.length === 0) return;
      // ScatterElements works in place where nothing else needs its operand, so only the border is moved.
      const places = emitter.integers(border.map(({ place }) => place));
      const values = emitter.node('Gather', [folded, places], { axis });
      const column = emitter.node('Reshape', [
        emitter.integers(border.map(({ target }) => target)),
        emitter.integers(whole.map((__, i) => (i === axis ? border.length : 1))),
      ]);
      const shape = emitter.integers(whole.map((length, i) => (i === axis ? border.length : length)));
      const targets = emitter.node('Expand', [column, shape]);
      folded = emitter.node('ScatterElements', [folded, targets, values], { axis, reduction: 'add' });
    });
    const [starts, ends] = [before, before.map((count, axis) => count + tensor.shape[axis]!)];
    emitter.node('Slice', [folded, emitter.integers(starts), emitter.integers(ends)], {}, emitter.output);
  },
  gradient: (_, h, { before, after, mode }) => [pad(h, before, after, mode)],
  lower: (tensor, { before, after, mode }, target) => {
    if (target !== 'gpu') return undefined;
    // Padding acts on one axis after the other, so its transpose folds one axis after the other.
    return tensor.shape.reduce<Tensor>(
      (folded, length, axis) =>
        before[axis]! > 0 || after[axis]! > 0
          ? foldAxis(folded, axis, length, before[axis]!, after[axis]!, mode)
          : folded,
      tensor.inputs[0]!,
    );
  },
  simplify: (tensor) => (sameShape(tensor.shape, tensor.inputs[0]!.shape) ? tensor.inputs[0]! : undefined),
};

/** The places of an axis that padding filled, each with the place whose value it got, both in the padded axis. */
function borderOf(
  length: number,
  before: number,
  after: number,
  mode: BorderMode,
): { place: number; target: number }[] {
  const outside = Array.from({ length: before + after }, (_, i) => (i < before ? i : length + i));
  return outside.map((place) => ({ place, target: before + borderSource(place - before, length, mode) }));
}

/**
 * The transpose of {@link pad}: cuts a border off and adds each of its values to the one that padding copies there.
 * `before[i]` values in front of and `after[i]` behind axis `i`.
 * @throws StyleError `E_SHAPE` when there is no such padding
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const padded = graph.input('padded', [1, 8, 18, 18]);
 * const folded = graph.foldBorder(padded, [0, 0, 1, 1], [0, 0, 1, 1], 'reflect'); // [1, 8, 16, 16]
 * ```
 */
export const foldBorder = (
  x: Tensor,
  before: readonly number[],
  after: readonly number[],
  mode: BorderMode,
): Tensor => apply(foldOperator, [x], { before, after, mode });

/** The transpose of padding one axis: adds every padded value to the value it was a copy of. */
function foldAxis(
  g: Tensor,
  axis: number,
  length: number,
  before: number,
  after: number,
  mode: BorderMode,
): Tensor {
  const part = (start: number, end: number): Tensor =>
    slice(
      g,
      g.shape.map((_, i) => (i === axis ? start : 0)),
      g.shape.map((full, i) => (i === axis ? end : full)),
    );
  const folded = part(before, before + length);
  const bands: Band[] = [];
  if (before > 0) {
    const margin = part(0, before);
    bands.push(
      {
        reflect: () => ({ start: 1, values: reverse(margin, [axis]) }),
        replicate: () => ({ start: 0, values: sum(margin, [axis], true) }),
        circular: () => ({ start: length - before, values: margin }),
      }[mode](),
    );
  }
  if (after > 0) {
    const margin = part(before + length, before + length + after);
    bands.push(
      {
        reflect: () => ({ start: length - 1 - after, values: reverse(margin, [axis]) }),
        replicate: () => ({ start: length - 1, values: sum(margin, [axis], true) }),
        circular: () => ({ start: 0, values: margin }),
      }[mode](),
    );
  }
  bands.sort((one, other) => one.start - other.start);
  const [first, second] = bands;
  const apart = second === undefined || first!.start + first!.values.shape[axis]! <= second.start;
  return apart ? addBands(folded, axis, bands) : addBands(addBands(folded, axis, [first!]), axis, [second]);
}

/** Values to be added from a place of an axis on. */
interface Band {
  readonly start: number;
  readonly values: Tensor;
}

/** Adds narrow bands, sorted and disjoint, to a tensor: only they are computed, and what lies between is copied. */
function addBands(x: Tensor, axis: number, bands: readonly Band[]): Tensor {
  const part = (start: number, end: number): Tensor =>
    slice(
      x,
      x.shape.map((_, i) => (i === axis ? start : 0)),
      x.shape.map((full, i) => (i === axis ? end : full)),
    );
  const parts: Tensor[] = [];
  let done = 0;
  for (const { start, values } of bands) {
    const end = start + values.shape[axis]!;
    if (start > done) parts.push(part(done, start));
    parts.push(add(part(start, end), values));
    done = end;
  }
  if (done < x.shape[axis]!) parts.push(part(done, x.shape[axis]!));
  return concat(parts, axis);
}

/**
 * Adds `before[i]` values in front of and `after[i]` behind axis `i`.
 * @throws StyleError `E_SHAPE` when a reflection or the opposite side would need more values than there are
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const wider = graph.pad(x, [0, 0, 0, 2], [0, 0, 0, 2], 'replicate'); // [1, 8, 16, 20]
 * ```
 */
export const pad = (
  x: Tensor,
  before: readonly number[],
  after: readonly number[],
  mode: PaddingMode = 'zero',
): Tensor =>
  mode === 'zero' ? padWithZeros(x, before, after) : apply(borderOperator, [x], { before, after, mode });

/**
 * Pads height and width of an NCHW tensor by the same count on all four sides.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const x = graph.input('x', [1, 8, 16, 16]);
 * const framed = graph.padImage(x, 4, 'reflect'); // [1, 8, 24, 24]
 * ```
 */
export const padImage = (x: Tensor, count: number, mode: PaddingMode): Tensor =>
  pad(x, [0, 0, count, count], [0, 0, count, count], mode);
