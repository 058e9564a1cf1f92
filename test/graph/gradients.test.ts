import { beforeAll, describe, expect, it } from 'vitest';
import * as graph from '../../src/graph/index.js';
import { gradients, input, multiply, sum, type Tensor } from '../../src/graph/index.js';
import { topologicalOrder } from '../../src/graph/traversal.js';
import { contentLoss } from '../../src/losses/content.js';
import { gramLoss, gramMatrix } from '../../src/losses/gram.js';
import { totalVariation } from '../../src/losses/total-variation.js';
import { vggFeatures } from '../../src/networks/vgg.js';
import type { VggWeights } from '../../src/networks/vgg-weights.js';
import {
  readGolden,
  readGoldenJson,
  readGoldenNetwork,
  relativeDistance,
  type GoldenTensor,
} from '../golden-values.js';
import { valuesOf, valuesOfAll } from '../graph-values.js';
import { cases } from './differentiable-cases.js';
import { forAll, type Draw } from './draw.js';
import { expectGradients } from './finite-differences.js';

const table = Object.entries(cases).flatMap(([operation, all]) =>
  all.map((build, i) => ({ name: all.length === 1 ? operation : `${operation} (${i + 1})`, build })),
);

describe('the gradient with respect to every input agrees with finite differences', () => {
  it.each(table)('$name', ({ build }) => forAll(25, (draw) => expectGradients(draw, build(draw))));
});

describe('the table of cases', () => {
  const notDifferentiable = [
    'argMax',
    'castToFloat',
    'equal',
    'greater',
    'heaviside',
    'less',
    'stopGradient',
    ...['constant', 'input', 'integers', 'named', 'scalar', 'zeros'],
    ...[
      'encodeOnnx',
      'estimateCost',
      'formatShape',
      'gradients',
      'opsetVersion',
      'readOnnxFile',
      'findPositions',
      'fixPictureSize',
      'pixelsBetween',
      'segmentNeeds',
      'segmentOf',
      'simplify',
      'sizeOf',
      'splitIntoWindows',
    ],
  ];

  it('has every operation that the graph exports', () => {
    expect([...Object.keys(cases), ...notDifferentiable].sort()).toEqual(Object.keys(graph).sort());
  });

  it('has as its own operation every differentiable operator that some gradient is made of', async () => {
    const [checked, used] = [new Set<string>(), new Set<string>()];
    const collect = (into: Set<string>, tensors: readonly Tensor[]): void => {
      for (const { operator } of topologicalOrder(tensors))
        if (operator.gradient !== undefined) into.add(operator.name);
    };
    for (const { build } of table) {
      await forAll(10, (draw) => {
        const output = build(draw);
        collect(checked, [output]);
        collect(used, gradients(sum(output), draw.inputs));
        return Promise.resolve();
      });
    }
    expect([...used].filter((name) => !checked.has(name))).toEqual([]);
  });
});

describe('second derivatives', () => {
  /** The gradient of a curved function of the output, which is then differentiated in its turn. */
  const twice =
    (operation: keyof typeof cases, index = 0) =>
    (draw: Draw): Tensor => {
      const output = cases[operation][index]!(draw);
      const parts = gradients(sum(multiply(output, multiply(output, output))), draw.inputs);
      return parts.map((part) => sum(multiply(part, part))).reduce((total, part) => graph.add(total, part));
    };

  it.each([
    ...(['square', 'exp', 'sigmoid', 'tanh', 'divide', 'sqrt', 'log'] as const),
    ...(['convolution', 'matmul', 'maxPool', 'averagePool', 'relu', 'absolute', 'mean', 'max'] as const),
    ...(['instanceNormalization', 'channelMoments', 'resize', 'pad', 'gather', 'positions'] as const),
  ])('%s', (operation) => forAll(6, (draw) => expectGradients(draw, twice(operation)(draw))));

  it('of x^3 is 6x', async () => {
    const x = input('x', [3]);
    const [first] = gradients(sum(multiply(x, multiply(x, x))), [x]);
    const [second] = gradients(sum(first!), [x]);
    expect([...(await valuesOf(second!, { x: Float32Array.of(-1, 0, 2) }))]).toEqual([-6, 0, 12]);
  });
});

describe('gradients', () => {
  it('add up where a tensor is used more than once', () =>
    forAll(10, (draw) => {
      const x = draw.input([2, 3]);
      const shared = graph.tanh(x);
      const product = graph.matmul(shared, graph.transposeLast(x));
      return expectGradients(draw, graph.subtract(graph.multiply(shared, x), graph.mean(product)));
    }));

  it('are zeros for what the loss does not depend on', async () => {
    const [x, y] = [input('x', [2]), input('y', [2, 3])];
    const [dy, dx] = gradients(sum(x), [y, x]);
    expect(dy!.shape).toEqual([2, 3]);
    expect([...(await valuesOf(dy!))]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...(await valuesOf(dx!, { x: Float32Array.of(1, 2) }))]).toEqual([1, 1]);
  });

  it('stop at stopGradient, comparisons and heaviside', async () => {
    const x = input('x', [2]);
    const chosen = graph.castToFloat(graph.greater(x, 0));
    const loss = sum(graph.add(multiply(x, graph.stopGradient(x)), graph.add(chosen, graph.heaviside(x, 0))));
    expect([...(await valuesOf(gradients(loss, [x])[0]!, { x: Float32Array.of(3, -2) }))]).toEqual([3, -2]);
  });

  it('reach weights, constants and what lies between', async () => {
    const x = input('x', [2]);
    const w = graph.constant([3, 4], [2]);
    const product = multiply(x, w);
    const loss = sum(graph.square(product));
    const [dw, dp, dl] = gradients(loss, [w, product, loss]);
    const values = { x: Float32Array.of(1, -2) };
    expect([...(await valuesOf(dp!, values))]).toEqual([6, -16]);
    expect([...(await valuesOf(dw!, values))]).toEqual([6, 32]);
    expect([...(await valuesOf(dl!, values))]).toEqual([1]);
  });

  it('take any tensor of one value for a loss, and refuse others', () => {
    expect(gradients(input('x', [1, 1]), [input('y', [2])])[0]!.shape).toEqual([2]);
    expect(() => gradients(input('x', [2, 3]), [])).toThrow(/gradient of a tensor of shape \[2, 3\]/);
  });
});

describe('where a function has a kink', () => {
  const derivative = async (build: (x: Tensor) => Tensor, at: number[]): Promise<number[]> => {
    const x = input('x', [at.length]);
    return [...(await valuesOf(gradients(sum(build(x)), [x])[0]!, { x: Float32Array.from(at) }))];
  };

  it('absolute has gradient 0 at 0', async () => {
    expect(await derivative(graph.absolute, [-2, 0, 3])).toEqual([-1, 0, 1]);
  });

  it('relu has gradient 0 at 0', async () => {
    expect(await derivative(graph.relu, [-1, 0, 1])).toEqual([0, 0, 1]);
  });

  it('clip passes the gradient on its border', async () => {
    expect(await derivative((x) => graph.clip(x, -1, 1), [-1.5, -1, 0, 1, 1.5])).toEqual([0, 1, 1, 1, 0]);
  });

  it('maximum and minimum give equal operands’ gradient to the first', async () => {
    const constant = graph.constant([1, 1, 1], [3]);
    expect(await derivative((x) => graph.maximum(x, constant), [0, 1, 2])).toEqual([0, 1, 1]);
    expect(await derivative((x) => graph.minimum(constant, x), [0, 1, 2])).toEqual([1, 0, 0]);
  });

  it('max shares the gradient among the largest', async () => {
    expect(await derivative((x) => graph.max(x), [2, 1, 2, 2])).toEqual(
      [1 / 3, 0, 1 / 3, 1 / 3].map(Math.fround),
    );
  });
});

/**
 * The gradient of a perceptual loss with respect to every weight of a transformation network (Johnson et al. 2016), which
 * PyTorch computed: reflected borders, strides, instance normalization, upsampling and VGG in one graph.
 */
describe('training a transformation network', () => {
  let golden: (name: string) => GoldenTensor;
  let vgg: VggWeights;
  let losses: number[];
  beforeAll(async () => {
    golden = await readGolden('johnson-steps.safetensors');
    vgg = await readGoldenNetwork();
    losses = ((await readGoldenJson('johnson-steps.json')) as { log: number[][] }).log[0]!;
  });

  it('has PyTorch’s output, losses and weight gradients at the first step', async () => {
    const parameters: Record<string, Tensor> = {};
    const values: Record<string, Float32Array> = {};
    const fed = (name: string, file = name): Tensor => {
      values[name] = golden(file).values;
      return input(name, golden(file).shape);
    };
    const parameter = (name: string): Tensor => (parameters[name] ??= fed(name, `before.${name}`));
    const layer = (x: Tensor, name: string, stride = 1): Tensor => {
      const weight = parameter(`${name}.1.weight`);
      const padded = graph.padImage(x, (weight.shape[2]! - 1) / 2, 'reflect');
      return graph.convolution(padded, weight, { bias: parameter(`${name}.1.bias`), stride });
    };
    const normalized = (x: Tensor, name: string): Tensor =>
      graph.instanceNormalization(x, parameter(`${name}.weight`), parameter(`${name}.bias`));

    const batch = fed('batch');
    let x = batch;
    for (const [i, stride] of [1, 2, 2].entries()) {
      x = graph.relu(normalized(layer(x, `down.${3 * i}`, stride), `down.${3 * i + 1}`));
    }
    for (const block of ['res.0', 'res.1']) {
      const inner = graph.relu(normalized(layer(x, `${block}.0`), `${block}.1`));
      x = graph.add(x, normalized(layer(inner, `${block}.3`), `${block}.4`));
    }
    for (const i of [1, 5])
      x = graph.relu(normalized(layer(graph.upsampleNearest(x, 2), `up.${i}`), `up.${i + 1}`));
    const output = layer(x, 'up.8');

    const styleLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];
    const features = (picture: Tensor): Record<string, Tensor> =>
      vggFeatures(picture, vgg, [...styleLayers, 'relu4_2'], { pooling: 'max', padding: 'zero' });
    const [ofOutput, ofContent, ofStyle] = [features(output), features(batch), features(fed('style'))];
    const content = contentLoss(ofOutput['relu4_2']!, ofContent['relu4_2']!, 'mean');
    const style = styleLayers
      .map((name) =>
        gramLoss(gramMatrix(ofOutput[name]!, 'chw'), gramMatrix(ofStyle[name]!, 'chw'), 'mean', 1),
      )
      .reduce((sum, term) => graph.add(sum, term));
    const variation = graph.multiply(totalVariation(output, 'absolute-mean'), 1e-4);
    const total = graph.add(graph.add(content, graph.multiply(style, 10)), variation);

    const names = Object.keys(parameters);
    const derived = gradients(total, Object.values(parameters));
    const asked = Object.fromEntries(names.map((name, i) => [`gradient of ${name}`, derived[i]!]));
    const terms = { 'total loss': total, 'content loss': content, 'style loss': style };
    const found = await valuesOfAll({ output, ...terms, ...asked }, values);

    expect(names).toHaveLength(38);
    expect(relativeDistance(found['output']!, golden('output0').values)).toBeLessThan(1e-5);
    for (const [i, name] of Object.keys(terms).entries()) {
      expect(relativeDistance(found[name]!, [losses[i]!]), name).toBeLessThan(1e-5);
    }
    const whole = Math.hypot(...names.map((name) => Math.hypot(...golden(`grad0.${name}`).values)));
    for (const name of names) {
      const expected = golden(`grad0.${name}`).values;
      const distance = Math.hypot(...expected.map((value, i) => value - found[`gradient of ${name}`]![i]!));
      // Normalization takes away what the bias before it adds, so that bias has a gradient of rounding errors.
      expect(distance, name).toBeLessThan(1e-4 * Math.hypot(...expected) + 1e-6 * whole);
    }
  });
});
