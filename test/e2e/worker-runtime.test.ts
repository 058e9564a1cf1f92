import { execFile } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import type * as Graph from '../../src/graph/index.js';
import type * as Native from '../../src/runtime/native.node.js';
import type { Program, Runtime } from '../../src/runtime/runtime.js';
import type * as Worker from '../../src/runtime/worker-runtime.node.js';

// A worker thread needs compiled files: everything here comes from the build, which the test command makes first.
const dist = (path: string): string => new URL(`../../dist/${path}`, import.meta.url).href;
const graph = (await import(dist('graph/index.js'))) as typeof Graph;
const { createNativeRuntime } = (await import(dist('runtime/native.node.js'))) as typeof Native;
const { createWorkerRuntime } = (await import(dist('runtime/worker-runtime.node.js'))) as typeof Worker;

const x = graph.input('x', [1, 3, 40, 40]);
const values = { x: Float32Array.from({ length: 3 * 40 * 40 }, (_, i) => Math.sin(i * i)) };
const weights = graph.constant(
  Float32Array.from({ length: 16 * 3 * 9 }, (_, i) => Math.cos(i)),
  [16, 3, 3, 3],
);
const features = graph.maxPool(graph.relu(graph.convolution(x, weights, { padding: 1 })), 2);
const loss = graph.sum(graph.square(features));
const outputs = { features, loss, gradient: graph.gradients(loss, [x])[0]! };

const square = graph.input('square', [1024, 1024]);
/** Some tenths of a second on one thread. */
const long = {
  long: Array.from({ length: 16 }).reduce<Graph.Tensor>((product) => graph.matmul(product, square), square),
};
const zeros = { square: new Float32Array(1024 * 1024) };

const runtime = createWorkerRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const error = (code: string, message: RegExp): unknown =>
  expect.objectContaining({
    name: 'StyleError',
    code,
    message: expect.stringMatching(message) as unknown,
    remedy: expect.stringMatching(/\w/) as unknown,
  });
const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((reason: unknown) => reason);

describe('a worker runtime', () => {
  it('that was never used, ends', async () => {
    const unused = createWorkerRuntime({ threads: 1 });
    await unused.dispose();
    const late = outcome(unused.compile(outputs));
    expect(await late).toEqual(error('E_RUNTIME', /disposed/));
  });

  it('says what it runs on', () => {
    expect(runtime).toMatchObject({ device: 'cpu', threads: 1 });
    expect(() => createWorkerRuntime({ device: 'coreml' as never, threads: 1 })).toThrow(
      process.platform === 'darwin' ? undefined : (error('E_DEVICE', /"coreml"/) as Error),
    );
  });

  it('takes denormal numbers, which are slow, for 0: in every worker, as the native runtime does', async () => {
    const product = graph.multiply(graph.input('a', [2]), graph.input('b', [2]));
    const given = { a: Float32Array.of(1e-20, 2), b: Float32Array.of(1e-20, 3) };
    const runtimes = [createNativeRuntime, createWorkerRuntime, createWorkerRuntime].map((create) =>
      create({ threads: 1 }),
    );
    for (const each of runtimes) {
      const program = await each.compile({ product });
      expect((await program.run(given))['product']).toEqual(Float32Array.of(0, 6));
      await each.dispose();
    }
  });

  it('gives the native runtime’s numbers, bit for bit', async () => {
    const program = await runtime.compile(outputs);
    expect(program.inputs).toEqual({ x: [1, 3, 40, 40] });
    expect(program.outputs).toEqual({ features: [1, 16, 20, 20], loss: [], gradient: [1, 3, 40, 40] });
    const given = { x: values.x.slice() };
    const found = await program.run(given);
    expect(given).toEqual(values);
    const native = createNativeRuntime({ threads: 1 });
    expect(found).toEqual(await (await native.compile(outputs)).run(values));
    await native.dispose();
    await program.dispose();
  });

  it('opens graphs of files, and says what is wrong with one', async () => {
    const program = await runtime.open(graph.encodeOnnx({ y: graph.multiply(graph.input('a', [2]), 3) }));
    expect(await program.run({ a: Float32Array.of(1, 2) })).toEqual({ y: Float32Array.of(3, 6) });
    await program.dispose();
    const broken = { bytes: new Uint8Array(100), inputs: {}, outputs: {} };
    expect(await outcome(runtime.open(broken))).toEqual(error('E_WEIGHTS_FORMAT', /ONNX Runtime refuses/));
  });

  it('keeps bound values', async () => {
    const program = await runtime.compile({ sum: graph.add(graph.input('a', [2]), graph.input('b', [2])) });
    await program.bind({ b: Float32Array.of(10, 20) });
    expect(await program.run({ a: Float32Array.of(1, 2) })).toEqual({ sum: Float32Array.of(11, 22) });
    await program.dispose();
  });

  it('answers overlapping requests each with its own', async () => {
    const programs = await Promise.all(
      [2, 3].map((factor) => runtime.compile({ y: graph.multiply(graph.input('a', [1]), factor) })),
    );
    const runs = [1, 2, 3, 4].map((a) => programs[a % 2]!.run({ a: Float32Array.of(a) }));
    expect((await Promise.all(runs)).map(({ y }) => y![0])).toEqual([3, 4, 9, 8]);
    await Promise.all(programs.map((program) => program.dispose()));
  });

  it('leaves the caller’s thread free, as the native one does not', async () => {
    const native = createNativeRuntime({ threads: 1 });
    const ticksDuring = async (program: Program): Promise<number> => {
      let ticks = 0;
      const timer = setInterval(() => (ticks += 1), 2);
      await program.run(zeros);
      clearInterval(timer);
      return ticks;
    };
    const inWorker = await ticksDuring(await runtime.compile(long));
    const inThisThread = await ticksDuring(await native.compile(long));
    expect(inWorker).toBeGreaterThan(inThisThread + 5);
    await native.dispose();
  });

  it('brings errors across: of values, of ONNX Runtime, of programs at their end, of graphs', async () => {
    const program = await runtime.compile({
      y: graph.gather(graph.input('a', [2]), graph.input('i', [1], 'int64'), 0),
    });
    const a = Float32Array.of(5, 6);
    expect(await outcome(program.run({ a }))).toEqual(error('E_SHAPE', /input i was given no value/));
    expect(await outcome(program.bind({ a: new Float32Array(3) }))).toEqual(
      error('E_SHAPE', /shape \[2\] and was given 3/),
    );
    expect(await outcome(program.run({ a, i: BigInt64Array.of(9n) }))).toEqual(
      error('E_RUNTIME', /could not run/),
    );
    expect(await program.run({ a, i: BigInt64Array.of(1n) })).toEqual({ y: Float32Array.of(6) });
    await program.dispose();
    await program.dispose();
    expect(await outcome(program.run({ a }))).toEqual(error('E_RUNTIME', /program was disposed/));
    expect(await outcome(program.bind({ a }))).toEqual(error('E_RUNTIME', /program was disposed/));
    const twice = graph.add(graph.input('a', [1]), graph.input('a', [1]));
    expect(await outcome(runtime.compile({ twice }))).toEqual(error('E_GRAPH', /Two inputs are named "a"/));
  });
});

describe('the end of a worker runtime', () => {
  const disposed = error('E_RUNTIME', /runtime was disposed/);
  const ending = async (use: (own: Runtime, program: Program) => Promise<void>): Promise<void> => {
    const own = createWorkerRuntime({ threads: 1 });
    await use(own, await own.compile(long));
  };

  it('rejects what is asked of it later, and may come twice', () =>
    ending(async (own, program) => {
      await own.dispose();
      await own.dispose();
      expect(await outcome(program.run(zeros))).toEqual(disposed);
      expect(await outcome(own.compile(outputs))).toEqual(disposed);
    }));

  it('rejects what is under way', () =>
    ending(async (own, program) => {
      const runs = [outcome(program.run(zeros)), outcome(program.run(zeros))];
      await own.dispose();
      expect(await Promise.all(runs)).toEqual([disposed, disposed]);
    }));
});

/** Runs a script in a process of its own, which has to end by itself. */
async function node(script: string): Promise<{ stdout: string; stderr: string; code: number }> {
  const prelude = `
    import * as graph from ${JSON.stringify(dist('graph/index.js'))};
    import { createWorkerRuntime } from ${JSON.stringify(dist('runtime/worker-runtime.node.js'))};
    import { createNativeRuntime } from ${JSON.stringify(dist('runtime/native.node.js'))};
    const outputs = { y: graph.exp(graph.input('x', [1])) };`;
  const args = ['--input-type=module', '--eval', prelude + script];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 60_000 }, (failure, stdout, stderr) => {
      resolve({ stdout, stderr, code: failure === null ? 0 : Number(failure.code ?? -1) });
    });
  });
}

describe('a process', () => {
  it('ends although a worker waits for work, and waits for one that works', async () => {
    const outcome = await node(`
      const runtime = createWorkerRuntime({ threads: 1 });
      const program = await runtime.compile(outputs);
      program.run({ x: Float32Array.of(0) }).then(({ y }) => console.log(y[0]));`);
    expect(outcome).toEqual({ stdout: '1\n', stderr: '', code: 0 });
  });

  // ONNX Runtime aborts the process when its thread is ended in the middle of a run.
  it.each([
    ['process.exit(3)', 3, ''],
    ['throw new Error("a mistake of the caller")', 1, 'a mistake of the caller'],
  ])('can end in the middle of a run: %s', async (end, code, message) => {
    const outcome = await node(`
      const square = graph.input('square', [1024, 1024]);
      let product = square;
      for (let i = 0; i < 32; i += 1) product = graph.matmul(product, square);
      const program = await createWorkerRuntime({ threads: 1 }).compile({ product });
      program.run({ square: new Float32Array(1024 * 1024) }).then(() => console.log('too short'));
      setTimeout(() => { ${end} }, 60);`);
    expect(outcome).toMatchObject({ stdout: '', code });
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).not.toContain('terminate');
  });

  it('sees nothing printed when a device is not there', async () => {
    const { stdout, stderr } = await node(`
      for (const create of [createNativeRuntime, createWorkerRuntime]) {
        for (const device of ['cuda', 'webgpu', 'dml', 'coreml']) {
          try {
            const runtime = create({ device, threads: 1 });
            const program = await runtime.compile(outputs);
            console.log((await program.run({ x: Float32Array.of(0) })).y[0]);
            await runtime.dispose();
          } catch (error) {
            console.log(error.code);
          }
        }
      }`);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^((1|E_DEVICE)\n){8}$/);
  });
});
