import { expect } from 'vitest';
import type { Shape, Tensor } from '../../src/graph/index.js';
import { valuesOf } from '../graph-values.js';
import type { Draw } from './draw.js';

/** Numbers with a shape, for computing what an operator should give, one value at a time. */
export class Grid {
  constructor(
    readonly shape: Shape,
    readonly data: ArrayLike<number>,
  ) {}

  /** Makes a grid from a formula of the index. */
  static of(shape: Shape, formula: (...index: number[]) => number): Grid {
    return new Grid(
      shape,
      indices(shape).map((index) => formula(...index)),
    );
  }

  at(...index: number[]): number {
    return this.data[index.reduce((place, i, axis) => place * this.shape[axis]! + i, 0)]!;
  }

  /** 0 outside the grid. */
  atOrZero(...index: number[]): number {
    return index.every((i, axis) => i >= 0 && i < this.shape[axis]!) ? this.at(...index) : 0;
  }

  /** The value that broadcasting puts at an index of a larger grid. */
  broadcastAt(index: readonly number[]): number {
    const own = index.slice(index.length - this.shape.length);
    return this.at(...own.map((i, axis) => (this.shape[axis] === 1 ? 0 : i)));
  }
}

/** All indices of a shape, the last axis fastest. */
export function indices(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (all, length) => all.flatMap((index) => Array.from({ length }, (_, i) => [...index, i])),
    [[]],
  );
}

/** The values that were drawn for an input. */
export function gridOf(draw: Draw, tensor: Tensor): Grid {
  return new Grid(tensor.shape, draw.values[tensor.label!]!);
}

/** Runs the graph and compares shape and values; `tolerance` is relative to the largest value, at least 1. */
export async function expectGrid(
  draw: Draw,
  tensor: Tensor,
  expected: Grid,
  tolerance = 2e-6,
): Promise<void> {
  expect(tensor.shape).toEqual(expected.shape);
  const values = await valuesOf(tensor, draw.values);
  const wanted = Array.from(expected.data);
  const scale = Math.max(1, ...wanted.map(Math.abs));
  expect(values.length).toBe(wanted.length);
  const worst = Math.max(0, ...wanted.map((value, i) => Math.abs(values[i]! - value)));
  expect(worst, `values ${[...values].join(' ')} instead of ${wanted.join(' ')}`).toBeLessThanOrEqual(
    tolerance * scale,
  );
}
