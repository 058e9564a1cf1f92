import { describe, expect, it } from 'vitest';
import type * as Pastiche from '../../src/browser.js';
import type * as Engine from '../../src/engine.browser.js';
import { withoutChromium } from './chromium.js';
import { isolatedPage } from './isolated-page.js';
import {
  computingWorkers,
  endWorker,
  failInWorker,
  holdings,
  loseDevice,
  observedWorker,
  type Observed,
} from './observed-worker.js';

declare const pastiche: typeof Pastiche;
declare const engine: typeof Engine;

const wasm = '/node_modules/onnxruntime-web/dist/';
const patience = 300_000;
const rows = 300;

/** A program `y = (x + b)^2 A` on WebGPU, with `b` bound, which stays in the page as `kept`. */
const start = async ({ wasm, rows }: { wasm: string; rows: number }): Promise<void> => {
  const { graph } = engine;
  const runtime = engine.createWebRuntime({ device: 'webgpu', wasm });
  const [x, b] = [graph.input('x', [rows, 3]), graph.input('b', [rows, 3])];
  const a = graph.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
  const program = await runtime.compile({ y: graph.matmul(graph.square(graph.add(x, b)), a) });
  await program.bind({ b: Float32Array.from({ length: 3 * rows }, (_, i) => i % 7) });
  Object.assign(window, { kept: { runtime, program } });
};

declare const session: Pastiche.Session;
declare const observed: Observed;
declare const kept: { readonly runtime: Engine.Runtime; readonly program: Engine.Program };

/** Runs it with `x` all the same number. */
const run = async ({ value, rows }: { value: number; rows: number }): Promise<number[]> => {
  const { y } = await kept.program.run({ x: new Float32Array(3 * rows).fill(value) });
  return Array.from(y!);
};

const expected = (value: number, bound = (i: number): number => i % 7): number[] =>
  Array.from({ length: 2 * rows }, (_, at) => {
    const [row, column] = [Math.floor(at / 2), at % 2];
    return [0, 1, 2].reduce((sum, i) => sum + (value + bound(3 * row + i)) ** 2 * (1 + 2 * i + column), 0);
  });

describe.skipIf(withoutChromium)('a graphics card in Chromium', () => {
  const opened = isolatedPage(patience, observedWorker);

  it(
    'keeps what is bound, once, until something else is bound or the end',
    { timeout: patience },
    async () => {
      const { page } = opened();
      await page.evaluate(start, { wasm, rows });
      const worker = computingWorkers(page).at(-1)!;
      expect(await page.evaluate(run, { value: 2, rows })).toEqual(expected(2));
      const before = await holdings(worker);
      for (let i = 0; i < 20; i += 1) await page.evaluate(run, { value: i, rows });
      const after = await holdings(worker);
      // Of each run only `x` is filled in anew, and no buffer is left of it.
      expect(after).toEqual({ ...before, uploaded: before.uploaded + 20 * 4 * 3 * rows });
      await page.evaluate((rows) => kept.program.bind({ b: new Float32Array(3 * rows).fill(-1) }), rows);
      expect(await page.evaluate(run, { value: 5, rows })).toEqual(expected(5, () => -1));
      expect(await holdings(worker)).toMatchObject({
        buffers: before.buffers,
        bufferBytes: before.bufferBytes,
      });
      await page.evaluate(() => kept.program.dispose());
      expect(await holdings(worker)).toMatchObject({ buffers: 0, bufferBytes: 0 });
      await page.evaluate(() => kept.runtime.dispose());
    },
  );

  it(
    'that is lost is replaced by a new device, with what was bound, each time',
    { timeout: patience },
    async () => {
      const { page } = opened();
      await page.evaluate(start, { wasm, rows });
      const worker = computingWorkers(page).at(-1)!;
      const state = (): Promise<[string, number]> =>
        worker
          .evaluate(() => observed.devices.length)
          .then(async (devices) => [await page.evaluate(() => kept.runtime.device), devices]);
      expect(await page.evaluate(run, { value: 1, rows })).toEqual(expected(1));
      expect(await state()).toEqual(['webgpu', 1]);
      await loseDevice(worker);
      expect(await page.evaluate(run, { value: 2, rows })).toEqual(expected(2));
      expect(await state()).toEqual(['webgpu', 2]);
      // Lost while runs are waiting.
      const running = page.evaluate(run, { value: 3, rows });
      await loseDevice(worker);
      expect(await running).toEqual(expected(3));
      expect(await page.evaluate(run, { value: 4, rows })).toEqual(expected(4));
      expect(await state()).toEqual(['webgpu', 3]);
      await page.evaluate(() => kept.runtime.dispose());
    },
  );
});

describe.skipIf(withoutChromium)('a worker that ends', () => {
  const opened = isolatedPage(patience, observedWorker);

  it.each([
    ['without a word', endWorker, /has failed: it is gone\./],
    ['by an error that nothing catches', failInWorker, /has failed: Uncaught Error: out of order\./],
  ])('%s, fails what runs, and the next call has another one', { timeout: patience }, async (_, end, why) => {
    const { page } = opened();
    await page.evaluate((wasm) => {
      const session = pastiche.createSession({ device: 'cpu', threads: 1, wasm });
      Object.assign(window, { session });
      document.title = 'beginning';
    }, wasm);
    const picture = '/examples/wine.jpg';
    const evaluated = page.evaluate(async (picture) => {
      const reconstruct = (
        iterations: number,
      ): Pastiche.MethodRun<Pastiche.MethodResult<Pastiche.OptimizedPicture>> =>
        pastiche.reconstruct({ picture, layer: 'relu1_1', size: 24, iterations }, { session });
      const long = reconstruct(100_000);
      const failure = long.then(
        () => 'none',
        (error: unknown) => [(error as Pastiche.StyleError).code, (error as Error).message],
      );
      for await (const event of long) if (event.type === 'iteration') break;
      document.title = 'running';
      const found = await failure;
      const { image } = await reconstruct(2);
      await session.dispose();
      return {
        found,
        height: image.height,
        known: [image.rgb.every(Number.isFinite), image.rgb.some((value) => value > 0)],
      };
    }, picture);
    await page.waitForFunction(() => document.title === 'running');
    await end(computingWorkers(page).at(-1)!);
    const { found, ...rest } = await evaluated;
    expect(found).toEqual(['E_RUNTIME', expect.stringMatching(why)]);
    expect(rest).toEqual({ height: 24, known: [true, true] });
  });
});
