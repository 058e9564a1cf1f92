import { describe, expect, it } from 'vitest';
import {
  constant,
  convolution,
  gradients,
  input,
  multiply,
  relu,
  simplify,
  sum,
  type Tensor,
} from '../../../../src/graph/index.js';
import { topologicalOrder } from '../../../../src/graph/traversal.js';
import { processorTarget } from '../../../../src/runtime/channel-block.node.js';
import { forAll, type Draw } from '../../draw.js';
import { expectGrid, Grid, gridOf } from '../../grid.js';
import { expectAsFor } from '../../targets.js';

const operators = (...outputs: Tensor[]): string[] =>
  topologicalOrder(outputs).map(({ operator }) => operator.name);

const blocked = (...outputs: Tensor[]): string[] => operators(...simplify(outputs, { channelBlock: 8 }));

interface Drawn {
  readonly x: Tensor;
  readonly w: Tensor;
  readonly bias: Tensor;
  readonly stride: number;
  readonly padding: number;
}

/** Channels that fill blocks of 8 and 16, nearly fill them, or are too few for one, with rows of several lengths. */
function drawConvolution(draw: Draw): Drawn {
  const [kernel, channels, out] = [
    draw.integer(1, 3),
    draw.pick([3, 4, 12, 16, 28]),
    draw.pick([2, 3, 14, 16, 32]),
  ];
  return {
    x: draw.input([draw.integer(1, 2), channels, draw.integer(3, 5), draw.integer(3, 10)]),
    w: draw.input([out, channels, kernel, kernel]),
    bias: draw.input([out]),
    stride: draw.integer(1, 2),
    padding: draw.integer(0, 2),
  };
}

describe('a convolution with weights that are not constant', () => {
  it('has the values of the plain loops', () =>
    forAll(30, async (draw) => {
      const { x, w, bias, stride, padding } = drawConvolution(draw);
      const y = convolution(x, w, { bias, stride, padding });
      const [picture, weights, shift] = [gridOf(draw, x), gridOf(draw, w), gridOf(draw, bias)];
      const expected = Grid.of(y.shape, (n, k, row, column) => {
        let total = shift.at(k);
        for (let c = 0; c < w.shape[1]!; c += 1)
          for (let dy = 0; dy < w.shape[2]!; dy += 1)
            for (let dx = 0; dx < w.shape[3]!; dx += 1)
              total +=
                weights.at(k, c, dy, dx) *
                picture.atOrZero(n, c, row * stride + dy - padding, column * stride + dx - padding);
        return total;
      });
      await expectGrid(draw, y, expected);
    }));

  it('has the gradients of the plain form', () =>
    forAll(15, async (draw) => {
      const { x, w, bias, stride, padding } = drawConvolution(draw);
      const y = relu(
        convolution(relu(convolution(x, w, { bias, stride, padding })), draw.input([16, w.shape[0]!, 1, 1])),
      );
      const loss = sum(multiply(y, draw.input(y.shape)));
      const [dx, dw, db] = gradients(loss, [x, w, bias]);
      await expectAsFor('cpu', draw, { y, dx: dx!, dw: dw!, db: db! });
    }));
});

describe('blocked convolutions', () => {
  const x = input('x', [1, 16, 5, 5]);
  const w = input('w', [16, 16, 3, 3]);

  it('are what this processor has', async () => {
    // ONNX Runtime has blocked kernels for every processor that these tests run on.
    expect(await processorTarget()).toMatchObject({ channelBlock: expect.any(Number) as number });
  });

  it('follow one another without a change of layout', () => {
    const names = blocked(convolution(convolution(x, w), w));
    expect(names.filter((name) => name === 'blockedConvolution')).toHaveLength(2);
    expect(names.filter((name) => name === 'toBlocks')).toHaveLength(1);
    expect(names.filter((name) => name === 'fromBlocks')).toHaveLength(1);
  });

  it('are filled with neighbouring pixels where there are few output channels', () => {
    const y = convolution(input('wide', [1, 16, 9, 16]), input('few', [2, 16, 9, 9]));
    const [conv] = topologicalOrder(simplify([y], { channelBlock: 16 })).filter(
      ({ operator }) => operator.name === 'blockedConvolution',
    );
    expect(conv!.shape).toEqual([1, 16, 1, 1]);
  });

  it('are left to ONNX Runtime where weights are constant, and plain in groups or where zeros would fill the blocks', () => {
    const plain = [
      convolution(x, constant(new Float32Array(16 * 16), [16, 16, 1, 1])),
      convolution(x, input('grouped', [16, 8, 1, 1]), { groups: 2 }),
      convolution(x, input('few', [3, 16, 1, 1])),
      convolution(input('odd', [1, 15, 5, 5]), input('v', [16, 15, 1, 1])),
    ];
    for (const tensor of plain) expect(blocked(tensor)).not.toContain('blockedConvolution');
  });

  it('are written only for the target that has them', () => {
    const y = convolution(x, w);
    expect(operators(...simplify([y]))).not.toContain('blockedConvolution');
    expect(operators(...simplify([y], 'gpu'))).not.toContain('blockedConvolution');
  });
});
