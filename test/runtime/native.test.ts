import { describe, expect, it } from 'vitest';
import * as graph from '../../src/graph/index.js';
import { gradients, input, square, sum, type NamedTensors, type Tensor } from '../../src/graph/index.js';
import { vggFeatures } from '../../src/networks/vgg.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import type { InputValues, Program } from '../../src/runtime/runtime.js';
import { relativeDistance } from '../golden-values.js';
import { narrowVgg } from '../networks/reference-vgg.js';

const runtime = createNativeRuntime({ threads: 1 });

async function withProgram<T>(outputs: NamedTensors, use: (program: Program) => Promise<T>): Promise<T> {
  const program = await runtime.compile(outputs);
  try {
    return await use(program);
  } finally {
    await program.dispose();
  }
}

const error = (code: string, message: RegExp | string, remedy?: RegExp | string): Error =>
  expect.objectContaining({
    name: 'StyleError',
    code,
    message: typeof message === 'string' ? message : (expect.stringMatching(message) as unknown),
    ...(remedy !== undefined && { remedy: expect.stringMatching(remedy) as unknown }),
  }) as Error;

const x = input('x', [2, 3]);
const y = input('y', [3]);
const six = Float32Array.of(1, 2, 3, 4, 5, 6);

describe('a program', () => {
  it('tells the names and shapes of what it takes and gives', () =>
    withProgram({ total: sum(graph.add(x, y)), twice: graph.multiply(x, 2) }, async ({ inputs, outputs }) => {
      expect(inputs).toEqual({ x: [2, 3], y: [3] });
      expect(outputs).toEqual({ total: [], twice: [2, 3] });
    }));

  it('runs again and again, with other values each time', () =>
    withProgram({ sum: graph.add(x, y) }, async (program) => {
      expect(await program.run({ x: six, y: Float32Array.of(10, 20, 30) })).toEqual({
        sum: Float32Array.of(11, 22, 33, 14, 25, 36),
      });
      expect(await program.run({ x: six, y: new Float32Array(3) })).toEqual({ sum: six });
    }));

  it('gives arrays that belong to the caller, and only reads those it gets', () => {
    const numbers = graph.constant([7, 8], [2]);
    return withProgram({ same: x, doubled: graph.add(x, x), numbers }, async (program) => {
      const given = six.slice();
      const first = await program.run({ x: given });
      for (const values of Object.values(first)) values.fill(-1);
      expect(given).toEqual(six);
      expect(await program.run({ x: given })).toEqual({
        same: six,
        doubled: six.map((value) => 2 * value),
        numbers: Float32Array.of(7, 8),
      });
    });
  });

  it('takes 64-bit integers, and a view into a larger array', () =>
    withProgram({ picked: graph.gather(x, input('i', [2], 'int64'), 1) }, async (program) => {
      const view = Float32Array.of(0, ...six, 0).subarray(1, 7);
      const { picked } = await program.run({ x: view, i: BigInt64Array.of(2n, 0n) });
      expect(picked).toEqual(Float32Array.of(3, 1, 6, 4));
    }));

  it('keeps bound values for all later runs, until others are given', () =>
    withProgram({ sum: graph.add(x, y) }, async (program) => {
      await program.bind({ y: Float32Array.of(1, 1, 1) });
      expect((await program.run({ x: new Float32Array(6) }))['sum']).toEqual(new Float32Array(6).fill(1));
      expect((await program.run({ x: six }))['sum']).toEqual(six.map((value) => value + 1));
      expect((await program.run({ x: six, y: new Float32Array(3) }))['sum']).toEqual(six);
      await program.bind({ y: new Float32Array(3) });
      expect((await program.run({ x: six }))['sum']).toEqual(six);
    }));

  it('does without the values of inputs that it does not need, and overlooks them', () => {
    const unneeded = gradients(sum(graph.multiply(x, y)), [x])[0]!;
    return withProgram({ unneeded }, async (program) => {
      expect(program.inputs).toEqual({ y: [3] });
      const values = { x: six, y: Float32Array.of(1, 2, 3), stranger: new Float32Array(1) };
      expect((await program.run(values))['unneeded']).toEqual(Float32Array.of(1, 2, 3, 1, 2, 3));
    });
  });

  it('refuses missing values and wrong counts, naming the input', () =>
    withProgram({ sum: graph.add(x, y) }, async (program) => {
      const none = error('E_SHAPE', "The graph's input y was given no value.", /\[3\]/);
      await expect(program.run({ x: six })).rejects.toThrow(none);
      await expect(program.run({ x: six, y: undefined } as never)).rejects.toThrow(none);
      const wrong = error(
        'E_SHAPE',
        "The graph's input y has shape [3] and was given 2 values.",
        /Give 3 values/,
      );
      await expect(program.run({ x: six, y: new Float32Array(2) })).rejects.toThrow(wrong);
      await expect(program.bind({ y: new Float32Array(2) })).rejects.toThrow(wrong);
      expect((await program.run({ x: six, y: new Float32Array(3) }))['sum']).toEqual(six);
    }));

  it('finds values by their names alone, also where every object has something of that name', () =>
    withProgram({ twice: graph.multiply(input('constructor', [1]), 2) }, async (program) => {
      await expect(program.run({})).rejects.toThrow(error('E_SHAPE', /constructor was given no value/));
      const values = { constructor: Float32Array.of(2), toString: Float32Array.of(1) };
      expect(await program.run(values as object as InputValues)).toEqual({ twice: Float32Array.of(4) });
    }));

  it('refuses to run after its end, which may come twice', async () => {
    const program = await runtime.compile({ y: graph.exp(x) });
    await program.dispose();
    await program.dispose();
    await expect(program.run({ x: six })).rejects.toThrow(error('E_RUNTIME', 'The program was disposed.'));
  });

  it('reports what ONNX Runtime has against it', () =>
    withProgram({ picked: graph.gather(x, input('i', [1], 'int64'), 0) }, async (program) => {
      await expect(program.run({ x: six, i: BigInt64Array.of(5n) })).rejects.toThrow(
        error('E_RUNTIME', /could not run the graph.*Gather/s),
      );
    }));
});

describe('the runtime', () => {
  it.each([true, false])('reports that memory does not suffice (kept: %s)', async (keepMemory) => {
    const own = createNativeRuntime({ threads: 1, keepMemory });
    // A petabyte is more than a process can even address.
    const program = await own.compile({ total: sum(graph.exp(graph.expand(x, [2 ** 24, 2 ** 23, 2, 3]))) });
    await expect(program.run({ x: six })).rejects.toThrow(
      error('E_MEMORY', /memory did not suffice/, /smaller size/),
    );
    await own.dispose();
  });

  it('rejects a graph that can not be encoded, rather than throwing', async () => {
    const compiling = runtime.compile({ y: graph.add(x, input('x', [3])) });
    await expect(compiling).rejects.toThrow(error('E_GRAPH', /Two inputs are named "x"/));
  });

  it('ends all its programs at its own end', async () => {
    const own = createNativeRuntime({ threads: 1 });
    const programs = await Promise.all([own.compile({ y: graph.exp(x) }), own.compile({ y: graph.tanh(x) })]);
    await programs[0]!.dispose();
    await own.dispose();
    for (const program of programs)
      await expect(program.run({ x: six })).rejects.toThrow(error('E_RUNTIME', /disposed/));
  });

  it('gives memory back: many programs one after the other need no more than one', async () => {
    const weights = graph.constant(
      Float32Array.from({ length: 512 * 64 * 9 }, (_, i) => Math.sin(i)),
      [512, 64, 3, 3],
    );
    const image = input('image', [1, 64, 8, 8]);
    const loss = sum(square(graph.convolution(image, weights)));
    const once = (): Promise<unknown> =>
      withProgram({ loss, gradient: gradients(loss, [image])[0]! }, (program) =>
        program.run({ image: new Float32Array(64 * 64) }),
      );
    const megabytes = (): number => process.memoryUsage().rss / 2 ** 20;
    for (let i = 0; i < 10; i += 1) await once();
    const before = megabytes();
    for (let i = 0; i < 40; i += 1) await once();
    // The weights alone, forwards and backwards, take 2.4 MB a program, and ONNX Runtime's copies as much again.
    expect(megabytes() - before).toBeLessThan(80);
  });
});

describe('numbers', () => {
  const image = input('image', [1, 3, 48, 40]);
  const values = { image: Float32Array.from({ length: 3 * 48 * 40 }, (_, i) => 0.5 + 0.5 * Math.sin(i * i)) };
  const work = (): Record<string, Tensor> => {
    const feature = vggFeatures(image, narrowVgg('vgg19'), ['relu5_1'], { pooling: 'max', padding: 'zero' })[
      'relu5_1'
    ]!;
    const loss = sum(square(feature));
    return { feature, loss, gradient: gradients(loss, [image])[0]! };
  };

  it('are the same bits at every run and for every compilation', async () => {
    const first = await withProgram(work(), async (program) => {
      const once = await program.run(values);
      expect(await program.run(values)).toEqual(once);
      return once;
    });
    expect(await withProgram(work(), (program) => program.run(values))).toEqual(first);
  });

  it.each([
    ['two threads', { threads: 2 }],
    ['memory given back between operations', { threads: 1, keepMemory: false }],
  ])('do not depend on %s', async (_what, options) => {
    const expected = await withProgram(work(), (program) => program.run(values));
    const other = createNativeRuntime(options);
    expect(other.threads).toBe(options.threads);
    const found = await (await other.compile(work())).run(values);
    await other.dispose();
    for (const [name, data] of Object.entries(expected))
      expect(relativeDistance(found[name]!, data), name).toBeLessThan(1e-6);
  });
});
