import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  add,
  input,
  matmul,
  mean,
  multiply,
  square,
  type NamedTensors,
  type OnnxModel,
} from '../../src/graph/index.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { SharedProgram } from '../../src/training/shared-program.js';

const runtimes = Array.from({ length: 3 }, () => createNativeRuntime({ threads: 1 }));
afterAll(() => Promise.all(runtimes.map((runtime) => runtime.dispose())));

/** The mean over pictures of `factor x^2 + offset`: as a whole, and at every place. */
const graphOf = (pictures: number): NamedTensors => {
  const x = input('x', [pictures, 2, 3]);
  const values = add(multiply(square(x), input('factor', [2, 1])), input('offset', [1]));
  return { total: mean(values), places: mean(values, [0]) };
};

describe('a batch that is shared out', () => {
  it('has the means of the whole batch, whatever the shares', async () => {
    const pictures = fc.integer({ min: 1, max: 7 });
    const value = fc.float({ min: -4, max: 4, noNaN: true });
    const cases = pictures.chain((count) =>
      fc.tuple(
        fc.constant(count),
        fc.integer({ min: 1, max: 3 }),
        fc.array(value, { minLength: 6 * count, maxLength: 6 * count }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([count, parts, list]) => {
        const program = await SharedProgram.compile(runtimes.slice(0, parts), graphOf, count);
        await program.bind({ offset: Float32Array.of(0.5) });
        const found = await program.run({ x: Float32Array.from(list) }, { factor: Float32Array.of(2, -1) });
        await program.dispose();
        const places = Array.from({ length: 6 }, (_, place) => {
          const squares = Array.from({ length: count }, (__, picture) => list[6 * picture + place]! ** 2);
          const average = squares.reduce((sum, each) => sum + each, 0) / count;
          return (place < 3 ? 2 : -1) * average + 0.5;
        });
        places.forEach((expected, place) => expect(found['places']![place]).toBeCloseTo(expected, 4));
        expect(found['total']![0]).toBeCloseTo(places.reduce((sum, each) => sum + each, 0) / 6, 4);
      }),
      { numRuns: 20 },
    );
  });

  it('uses no more runtimes than there are pictures', async () => {
    const compiled: number[] = [];
    const watched = runtimes.map((runtime, index) => ({
      device: runtime.device,
      threads: runtime.threads,
      compile: (outputs: NamedTensors) => {
        compiled.push(index);
        return runtime.compile(outputs);
      },
      open: (model: OnnxModel) => runtime.open(model),
      dispose: () => runtime.dispose(),
    }));
    const program = await SharedProgram.compile(watched, graphOf, 2);
    expect(compiled).toEqual([0, 1]);
    await program.dispose();
  });

  it.each([
    ['small pictures all at once', 64, 5, [[3], [2]]],
    ['large pictures one after the other', 4096, 5, [[1], [1]]],
    ['pictures between them few after few', 1024, 40, [[10], [10]]],
  ])('takes %s', async (_what, side, count, sizes) => {
    const compiled: number[][] = [[], []];
    const noted = compiled.map((list) => ({
      device: 'cpu',
      threads: 1,
      dispose: () => Promise.resolve(),
      open: (model: OnnxModel) => runtimes[0]!.open(model),
      compile: (outputs: NamedTensors) => {
        list.push(outputs['product']!.shape[0]!);
        return runtimes[0]!.compile({ done: square(input('nothing', [1])) });
      },
    }));
    const products = (pictures: number): NamedTensors => ({
      product: matmul(input('x', [pictures, side, side]), input('y', [side, side])),
    });
    await SharedProgram.compile(noted, products, count);
    expect(compiled).toEqual(sizes);
  });

  it('tells what went wrong in any of its parts', async () => {
    const program = await SharedProgram.compile(runtimes, graphOf, 3);
    await program.bind({ offset: Float32Array.of(0) });
    await expect(program.run({ x: new Float32Array(18) })).rejects.toMatchObject({ code: 'E_SHAPE' });
    await program.dispose();
  });
});
