import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type * as Pastiche from '../../src/browser.js';
import type * as Engine from '../../src/engine.browser.js';
import { withoutChromium } from './chromium.js';
import { isolatedPage } from './isolated-page.js';
import { computingWorkers, holdings, observedWorker, pageMemory } from './observed-worker.js';

declare const pastiche: typeof Pastiche;
declare const engine: typeof Engine;
declare const session: Pastiche.Session;

const options = { device: 'cpu', threads: 1, wasm: '/node_modules/onnxruntime-web/dist/' } as const;
const patience = 300_000;
/** Runs that fill caches and bring WebAssembly's memory to its size, which only grows. */
const first = 5;
const runs = 20;

/** Two steps of an optimisation, and a pass of the network for any painting. */
const paint = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const draw = (width: number, height: number, step: number): Pastiche.RawImage =>
      pastiche.createImage(
        width,
        height,
        Float32Array.from({ length: 3 * width * height }, (_, i) => 0.5 + 0.4 * Math.sin(i * i * step + i)),
      );
    const pictures = { content: draw(33, 29, 0.37), styles: draw(31, 35, 0.0021) };
    await pastiche.stylize({ ...pictures, size: 33, iterations: 2 }, { session });
    await pastiche.stylize({ ...pictures, size: 33, fast: true }, { session });
  });

describe.skipIf(withoutChromium)('memory in Chromium', () => {
  const opened = isolatedPage(patience, observedWorker);
  const begin = (): Promise<void> =>
    opened().page.evaluate(
      (options) => void Object.assign(window, { session: pastiche.createSession(options) }),
      options,
    );
  const end = (): Promise<void> => opened().page.evaluate(() => session.dispose());

  it('is the same after many runs in one session', { timeout: patience }, async () => {
    const { page } = opened();
    await begin();
    const held = async (): Promise<{ memory: number; page: number }> => {
      const { memory } = await holdings(computingWorkers(page)[0]!);
      return { memory, page: await pageMemory(page) };
    };
    for (let run = 0; run < first; run += 1) await paint(page);
    const before = await held();
    for (let run = first; run < runs; run += 1) await paint(page);
    const after = await held();
    // 2.7 MB over fifteen runs; the weights of one graph are more than a run's part of that.
    expect(after.memory).toBe(before.memory);
    expect(after.page).toBeLessThan(1.05 * before.page);
    await end();
  });

  it('is the same after many sessions, whose workers are gone', { timeout: patience }, async () => {
    const { page } = opened();
    const use = async (): Promise<void> => {
      await begin();
      await page.evaluate(async () => {
        const x = engine.graph.input('x', [9]);
        const program = await session.runtime.compile({ y: engine.graph.square(x) });
        await program.run({ x: new Float32Array(9) });
      });
      expect(computingWorkers(page).length).toBeGreaterThan(0);
      await end();
    };
    const devtools = await page.context().newCDPSession(page);
    const heap = async (): Promise<number> => {
      await devtools.send('HeapProfiler.collectGarbage');
      return (await devtools.send('Runtime.getHeapUsage')).usedSize;
    };
    await use();
    await use();
    const before = await heap();
    for (let i = 0; i < 6; i += 1) await use();
    // A worker's memory, 17 MB and more, goes with it; what a page might keep of six are objects of a few kilobytes.
    await expect.poll(() => computingWorkers(page), { timeout: 20_000 }).toEqual([]);
    expect(await heap()).toBeLessThan(before + 100_000);
  });
});
