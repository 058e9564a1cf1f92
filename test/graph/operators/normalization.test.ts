import { beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  channelMoments,
  divide,
  input,
  instanceNormalization,
  multiply,
  type Tensor,
} from '../../../src/graph/index.js';
import { readGolden, relativeDistance, type GoldenTensor } from '../../golden-values.js';
import { valuesOf } from '../../graph-values.js';
import { forAll } from '../draw.js';
import { expectGrid, Grid, gridOf, indices } from '../grid.js';

const total = (values: number[]): number => values.reduce((a, b) => a + b, 0);

describe('instance normalization', () => {
  const epsilon = 1e-3;

  it.each(['one row for all pictures', 'a row for each picture'])('standardises each channel, %s', (rows) =>
    forAll(20, async (draw) => {
      const x = draw.input([draw.integer(1, 3), draw.integer(1, 3), draw.integer(1, 4), draw.integer(2, 4)]);
      const [n, c, h, w] = x.shape as [number, number, number, number];
      const own = rows === 'a row for each picture';
      const [scale, shift] = [draw.input(own ? [n, c] : [c]), draw.input(own ? [n, c] : [c])];
      const picture = gridOf(draw, x);
      const row = (i: number, j: number): number[] => (own ? [i, j] : [j]);
      const moments = Grid.of([n, c, 2], (i, j, which) => {
        const values = indices([h, w]).map(([y, z]) => picture.at(i!, j!, y!, z!));
        const average = total(values) / values.length;
        return which === 0 ? average : total(values.map((value) => (value - average) ** 2)) / values.length;
      });
      const expected = Grid.of(x.shape, (i, j, y, z) => {
        const normalized =
          (picture.at(i!, j!, y!, z!) - moments.at(i!, j!, 0)) / Math.sqrt(moments.at(i!, j!, 1) + epsilon);
        return normalized * gridOf(draw, scale).at(...row(i!, j!)) + gridOf(draw, shift).at(...row(i!, j!));
      });
      await expectGrid(draw, instanceNormalization(x, scale, shift, epsilon), expected, 2e-5);
      const { mean: average, deviation, centred } = channelMoments(x, epsilon);
      await expectGrid(
        draw,
        average,
        Grid.of([n, c, 1, 1], (i, j) => moments.at(i!, j!, 0)),
      );
      await expectGrid(
        draw,
        deviation,
        Grid.of([n, c, 1, 1], (i, j) => Math.sqrt(moments.at(i!, j!, 1) + epsilon)),
      );
      await expectGrid(
        draw,
        centred,
        Grid.of(x.shape, (i, j, y, z) => picture.at(i!, j!, y!, z!) - moments.at(i!, j!, 0)),
      );
    }),
  );

  it('refuses scales of another length', () => {
    expect(() => instanceNormalization(input('x', [1, 3, 2, 2]), input('s', [2]), input('b', [2]))).toThrow(
      /one value per channel/,
    );
  });
});

describe('normalisation and PyTorch agree', () => {
  let golden: (name: string) => GoldenTensor;
  beforeAll(async () => {
    golden = await readGolden('normalisation.safetensors');
  });
  const inputs = (...names: string[]): [Tensor[], Record<string, Float32Array>] => [
    names.map((name) => input(name, golden(name).shape)),
    Object.fromEntries(names.map((name) => [name, golden(name).values])),
  ];

  it('on adaptive instance normalization', async () => {
    const [[a, b], values] = inputs('a', 'b');
    const [content, style] = [channelMoments(a!, 1e-5), channelMoments(b!, 1e-5)];
    const adapted = add(multiply(divide(content.centred, content.deviation), style.deviation), style.mean);
    expect(relativeDistance(await valuesOf(adapted, values), golden('adain').values)).toBeLessThan(1e-6);
  });

  it('on conditional instance normalization', async () => {
    const [[a, gamma, beta], values] = inputs('a', 'gamma', 'beta');
    const normalized = instanceNormalization(a!, gamma!, beta!, 1e-5);
    expect(
      relativeDistance(await valuesOf(normalized, values), golden('conditional_instance_norm').values),
    ).toBeLessThan(1e-6);
  });
});
