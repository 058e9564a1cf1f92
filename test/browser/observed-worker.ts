import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, Page, Worker } from 'playwright-core';

const folder = '/dist/bundle';
const place = { observer: `${folder}/observer.js`, worker: `${folder}/observed-worker.js` };

/** Keeps what a worker makes where a test can reach it; the worker's own file knows nothing of that. */
const observer = `
const observed = { memories: [], devices: [], buffers: new Map(), uploads: [] };
globalThis.observed = observed;
const { Memory } = WebAssembly;
WebAssembly.Memory = new Proxy(Memory, {
  construct(target, given) {
    const memory = new target(...given);
    observed.memories.push(memory);
    return memory;
  },
});
if (globalThis.GPUAdapter !== undefined) {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    const device = await requestDevice.apply(this, given);
    observed.devices.push(device);
    return device;
  };
  const { createBuffer } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    observed.buffers.set(buffer, descriptor.size);
    if (descriptor.mappedAtCreation) observed.uploads.push(descriptor.size);
    return buffer;
  };
  const { destroy } = GPUBuffer.prototype;
  GPUBuffer.prototype.destroy = function () {
    observed.buffers.delete(this);
    return destroy.call(this);
  };
}
`;

/** The files by which a site has a worker that can be looked into, in place of the built one. */
export async function observedWorker(): Promise<ReadonlyMap<string, string>> {
  const file = join(import.meta.dirname, '../..', folder, 'web-worker.browser.js');
  return new Map([
    // Imports that wait would miss the worker's first message.
    [`${folder}/web-worker.browser.js`, `import '${place.observer}';\nimport '${place.worker}';`],
    [place.observer, observer],
    [place.worker, await readFile(file, 'utf8')],
  ]);
}

/**
 * Has the studio's engine be one that can be looked into. The context has to block service workers, which would answer with the file as
 * it was built.
 * @param before what the worker does before anything else
 */
export const observedEngine =
  (before: string) =>
  async (context: BrowserContext): Promise<void> => {
    await context.route(/engine-worker[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${observer}${before}${await response.text()}` });
    });
  };

/** What of a worker is looked at, from within it. */
export interface Observed {
  readonly memories: readonly WebAssembly.Memory[];
  readonly devices: readonly { destroy(): void; readonly lost: Promise<unknown> }[];
  /** Buffers of the graphics card that were not destroyed, with their bytes. */
  readonly buffers: ReadonlyMap<object, number>;
  /** Bytes of buffers that were filled as they were made. */
  readonly uploads: readonly number[];
}

declare const observed: Observed;

/** Workers of a page that compute; the threads of WebAssembly are workers of theirs. */
export const computingWorkers = (page: Page): Worker[] =>
  page.workers().filter((worker) => /\/(web-worker\.browser|engine-worker)[^/]*\.js$/.test(worker.url()));

/** A page and its workers, after garbage was collected: bytes. Threads of WebAssembly would have it wait for a minute. */
export const pageMemory = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const measuring = performance as unknown as {
      measureUserAgentSpecificMemory(): Promise<{ bytes: number }>;
    };
    return (await measuring.measureUserAgentSpecificMemory()).bytes;
  });

/** What a worker holds. */
export const holdings = (
  worker: Worker,
): Promise<{ memory: number; buffers: number; bufferBytes: number; uploaded: number }> =>
  worker.evaluate(() => ({
    memory: observed.memories.reduce((bytes, { buffer }) => bytes + buffer.byteLength, 0),
    buffers: observed.buffers.size,
    bufferBytes: [...observed.buffers.values()].reduce((bytes, size) => bytes + size, 0),
    uploaded: observed.uploads.reduce((bytes, size) => bytes + size, 0),
  }));

/** Takes the graphics card away from a worker, as a reset of the driver does. */
export const loseDevice = (worker: Worker): Promise<void> =>
  worker.evaluate(async () => {
    const device = observed.devices.at(-1)!;
    device.destroy();
    await device.lost;
  });

/** Ends a worker without a word, as a system that is short of memory does. */
export const endWorker = (worker: Worker): Promise<void> =>
  worker.evaluate(() => void setTimeout(() => close()));

/** Throws in a worker what nothing there catches. */
export const failInWorker = (worker: Worker): Promise<void> =>
  worker.evaluate(
    () =>
      void setTimeout(() => {
        throw new Error('out of order');
      }),
  );
