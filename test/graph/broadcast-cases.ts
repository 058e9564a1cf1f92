import { describe, expect, it } from 'vitest';
import { input, sizeOf, type Shape, type Tensor } from '../../src/graph/index.js';
import { forAll, type Draw } from './draw.js';
import { expectGrid, Grid, gridOf } from './grid.js';

/** Two shapes that broadcast against each other: any axis may be 1 in one of them, leading axes may be missing. */
export function broadcastable(draw: Draw): { a: number[]; b: number[]; shape: number[] } {
  const shape = draw.shape(0, 4);
  const shrink = (): number[] => shape.map((length) => (draw.integer(0, 3) === 0 ? 1 : length));
  const [left, right] = [shrink(), shrink()];
  const missing = draw.integer(0, shape.length);
  const [a, b] = draw.boolean() ? [left, right.slice(missing)] : [left.slice(missing), right];
  const at = (operand: number[], axis: number): number => operand[axis - shape.length + operand.length] ?? 1;
  return { a, b, shape: shape.map((_, axis) => Math.max(at(a, axis), at(b, axis))) };
}

/** The tests of an elementwise operator of two operands. */
export function describeBinary(
  name: string,
  build: (a: Tensor, b: Tensor) => Tensor,
  formula: (a: number, b: number) => number,
): void {
  describe(name, () => {
    /** Quarters from -2 to 2 without 0, so that equal values do occur. */
    const values = (draw: Draw, shape: Shape): Float32Array =>
      draw.numbers(sizeOf(shape), -2, 2).map((x) => Math.round(x * 4) / 4 || 0.25);

    it('broadcasts and acts on pairs of values', () =>
      forAll(25, async (draw) => {
        const { a, b, shape } = broadcastable(draw);
        const [x, y] = [draw.input(a, values(draw, a)), draw.input(b, values(draw, b))];
        const [left, right] = [gridOf(draw, x), gridOf(draw, y)];
        const expected = Grid.of(shape, (...at) => formula(left.broadcastAt(at), right.broadcastAt(at)));
        await expectGrid(draw, build(x, y), expected);
      }));

    it('refuses shapes that do not fit, naming both', () => {
      const [a, b] = [input('a', [2, 3]), input('b', [2, 4])];
      expect(() => build(a, b)).toThrow(
        /\[2, [34]\] and \[2, [34]\]: axis 1 has [34] against [34], and neither is 1/,
      );
    });
  });
}
