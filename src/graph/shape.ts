import { StyleError } from '../errors.js';

/** The lengths of a tensor's axes, known when the graph is built; `[]` is a scalar. */
export type Shape = readonly number[];

/**
 * Number of values in a tensor of this shape.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * console.log(graph.sizeOf([1, 3, 8, 8])); // 192
 * ```
 */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Distance in memory between neighbours along each axis, for values stored row by row. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, stride = 1; axis >= 0; axis -= 1) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/**
 * A shape as messages show it: `[1, 3, 256, 256]`.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * console.log(graph.formatShape([1, 3, 256, 256])); // [1, 3, 256, 256]
 * ```
 */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** The error for operands that don't fit, naming the operation and every shape. */
export function shapeError(operation: string, shapes: readonly Shape[], rule: string): StyleError {
  return new StyleError(
    'E_SHAPE',
    `${operation} of ${shapes.map(formatShape).join(' and ')}: ${rule}.`,
    'Give operands whose shapes fit.',
  );
}

/**
 * The shape that two operands have in common under the rule of NumPy and ONNX: axes are aligned from the last, and
 * an axis of length 1, or a missing one, is repeated.
 * @throws StyleError `E_SHAPE` when two lengths differ and neither is 1
 */
export function broadcastShapes(operation: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw shapeError(operation, [a, b], `axis ${axis} has ${left} against ${right}, and neither is 1`);
    }
    return left === 1 ? right : left;
  });
}

/** Turns an axis that may count from the end (-1 is the last) into one that counts from the front. */
export function normalizeAxis(operation: string, axis: number, shape: Shape): number {
  const positive = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(positive) || positive < 0 || positive >= shape.length) {
    throw shapeError(operation, [shape], `there is no axis ${axis}`);
  }
  return positive;
}

/**
 * Calls `visit(outputIndex, inputIndex)` for every value of `shape`, walking the input with the given strides from
 * `offset`; a stride of 0 repeats, a negative one walks backwards.
 */
export function forEachIndex(
  shape: Shape,
  strides: readonly number[],
  offset: number,
  visit: (output: number, input: number) => void,
): void {
  const size = sizeOf(shape);
  const position = new Array<number>(shape.length).fill(0);
  let input = offset;
  for (let output = 0; output < size; output += 1) {
    visit(output, input);
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      position[axis]! += 1;
      input += strides[axis]!;
      if (position[axis]! < shape[axis]!) break;
      input -= strides[axis]! * shape[axis]!;
      position[axis] = 0;
    }
  }
}
