import { describe, expect, it } from 'vitest';
import { diagonalSums, input, simplify, type Tensor } from '../../../../src/graph/index.js';
import { topologicalOrder } from '../../../../src/graph/traversal.js';
import { forAll, type Draw } from '../../draw.js';
import { expectGrid, Grid, gridOf } from '../../grid.js';
import { expectAsFor } from '../../targets.js';

const operators = (x: Tensor, channelBlock: number): string[] =>
  topologicalOrder(simplify([x], { channelBlock })).map(({ operator }) => operator.name);

/** Few taps and many, and sides that are whole blocks of 8 and 16, of 8 alone, and of neither. */
function drawSums(draw: Draw): { x: Tensor; taps: number; step: number } {
  const [taps, step] = draw.pick([
    [1, 1],
    [2, 1],
    [3, 1],
    [3, 2],
    [7, 1],
  ] as const);
  const reach = (taps - 1) * step;
  const side = (...lengths: number[]): number => draw.pick(lengths.filter((length) => length > reach));
  return {
    x: draw.input([reach + draw.integer(1, 3), side(8, 16, 11), side(15, 23, 9)]),
    taps,
    step,
  };
}

describe('sums along a diagonal', () => {
  it('are those of loops', () =>
    forAll(25, async (draw) => {
      const { x, taps, step } = drawSums(draw);
      const y = diagonalSums(x, taps, { step });
      const values = gridOf(draw, x);
      const expected = Grid.of(y.shape, (row, i, j) => {
        let total = 0;
        for (let k = 0; k < taps; k += 1) {
          for (let l = 0; l < taps; l += 1) {
            total += values.at(row! + k * step, i! + l * step, j! + l * step);
          }
        }
        return total;
      });
      await expectGrid(draw, y, expected);
    }));

  it('are the first ones where not all are wanted', () =>
    forAll(5, async (draw) => {
      const x = draw.input([5, 16, 15]);
      const shape = [draw.integer(1, 3), draw.integer(1, 14), draw.integer(1, 13)];
      const all = gridOf(draw, x);
      const expected = Grid.of(shape, (row, i, j) => {
        const three = [0, 1, 2];
        return three.reduce(
          (total, k) => total + three.reduce((sum, l) => sum + all.at(row! + k, i! + l, j! + l), 0),
          0,
        );
      });
      await expectGrid(draw, diagonalSums(x, 3, { shape }), expected);
    }));

  it('are the same in blocks and in shifted copies', () =>
    forAll(10, async (draw) => {
      const { x, taps, step } = drawSums(draw);
      await expectAsFor('cpu', draw, { y: diagonalSums(x, taps, { step }) });
    }));

  it('are one convolution where a row is whole blocks, two with many taps, and copies elsewhere', () => {
    const count = (shape: number[], taps: number, block: number): number =>
      operators(diagonalSums(input('x', shape), taps), block).filter((name) => name === 'blockedTaps').length;
    expect(count([4, 16, 15], 3, 16)).toBe(1);
    expect(count([4, 8, 7], 3, 8)).toBe(1);
    expect(count([4, 8, 7], 3, 16)).toBe(0);
    expect(count([8, 16, 31], 7, 16)).toBe(2);
    expect(count([4, 16, 16], 3, 16)).toBe(0);
  });

  it('refuses what the places do not fit in', () => {
    expect(() => diagonalSums(input('x', [2, 5, 5]), 3)).toThrow(/3 places, 1 apart/);
    expect(() => diagonalSums(input('x', [3, 5, 5]), 3, { shape: [1, 4, 3] })).toThrow(/3 places, 1 apart/);
  });
});
