import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type * as Pastiche from '../../src/browser.js';
import type * as Engine from '../../src/engine.browser.js';
import { decodeImage, stylize } from '../../src/node.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { largestDifference } from '../largest-difference.js';
import { openPage, withoutChromium } from './chromium.js';
import { isolatedPage } from './isolated-page.js';

/** What the page has; the functions given to `evaluate` run there. */
declare const pastiche: typeof Pastiche;
declare const engine: typeof Engine;

const wasm = '/node_modules/onnxruntime-web/dist/';
const photograph = '/examples/wine.jpg';
const painting = '/examples/ejiri.jpg';
/** Four steps that follow the pictures: the preset's own optimiser makes a change of 1e-6 in a pixel one of 0.05. */
const settings = {
  size: 40,
  iterations: 4,
  network: 'pastiche-vgg',
  preset: 'gatys',
  optimizer: 'bounded',
} as const;
/** A page and its worker compile 14 MB of WebAssembly. */
const patience = 300_000;

describe.skipIf(withoutChromium)('Pastiche in Chromium', () => {
  const opened = isolatedPage(patience);
  const runtime = createNativeRuntime({ threads: 2 });
  afterAll(() => runtime.dispose());

  it(
    'repaints what Node.js repaints, in a worker with threads, and fetches weights once',
    { timeout: patience },
    async () => {
      const { page, site } = opened();
      const found = await page.evaluate(
        async ({ photograph, painting, wasm, settings }) => {
          const session = pastiche.createSession({ device: 'cpu', threads: 2, wasm });
          const steps: number[] = [];
          const bytes = await (await fetch(photograph)).blob();
          const pictures = { content: bytes, styles: painting };
          const result = await pastiche.stylize(
            { ...pictures, ...settings },
            {
              session,
              onProgress: (event) => void (event.type === 'iteration' && steps.push(event.losses.total)),
            },
          );
          const { device, threads } = session.runtime;
          const { data, width, height } = result.pixels();
          const blob = await result.blob('png');
          const again = await pastiche.evaluate(
            { picture: new ImageData(data, width, height), content: bytes, style: painting },
            { wasm, device: 'cpu' },
          );
          // Ended before the first step: there is no picture yet.
          const aborted = await pastiche
            .stylize({ ...pictures, ...settings }, { session, signal: AbortSignal.abort() })
            .catch((error: unknown) => pastiche.isAbortError(error));
          const running = pastiche.stylize({ ...pictures, ...settings, iterations: 1000 }, { session });
          const failed = running.catch((error: unknown) => [
            (error as Pastiche.StyleError).code,
            (error as Error).message,
          ]);
          for await (const event of running) if (event.type === 'iteration') break;
          await session.dispose();
          return {
            size: [result.image.width, result.image.height],
            rgb: Array.from(result.image.rgb),
            steps,
            device,
            threads,
            blob: [blob.type, blob.size > 500],
            style: again.style.relative,
            aborted,
            disposed: await failed,
          };
        },
        { photograph, painting, wasm, settings },
      );
      expect(found).toMatchObject({ device: 'cpu', threads: 2, blob: ['image/png', true], aborted: true });
      expect(found.disposed).toEqual(['E_RUNTIME', 'The runtime was disposed.']);
      expect(found.steps).toHaveLength(4);
      expect(found.style).toBeGreaterThan(0);
      // Browsers scale JPEG's colours up in another way than libvips: the pictures as read differ by a few steps of 8 bits.
      const root = new URL('../..', import.meta.url);
      const read = async (path: string): ReturnType<typeof decodeImage> =>
        decodeImage(await readFile(new URL(`.${path}`, root)), path);
      const native = await stylize(
        {
          content: await read(photograph),
          styles: await read(painting),
          ...settings,
        },
        { runtime },
      );
      expect(found.size).toEqual([native.image.width, native.image.height]);
      expect(largestDifference(found.rgb, native.image.rgb)).toBeLessThan(0.05);
      const weights = site.requests.filter((path) => path.includes('pastiche-vgg'));
      expect(weights).toEqual(['/models/pastiche-vgg.safetensors']);
    },
  );

  it(
    'computes with one thread in a page that is not isolated, and says what is wrong',
    { timeout: patience },
    async () => {
      const { browser, site } = opened();
      const plain = await openPage(browser, `${site.origin}/plain`);
      const found = await plain.evaluate(
        async ({ photograph, wasm }) => {
          const codes: string[] = [];
          const caught = async (work: () => unknown): Promise<void> => {
            try {
              await work();
              codes.push('none');
            } catch (error) {
              codes.push((error as Pastiche.StyleError).code);
            }
          };
          const call = { device: 'cpu', wasm } as const;
          const colours = { picture: photograph, reference: photograph };
          await caught(() => engine.createWebRuntime({ device: 'cuda' }));
          await caught(() => pastiche.matchColors({ ...colours, picture: '/nowhere.jpg' }));
          await caught(() => pastiche.matchColors({ ...colours, picture: new Blob(['no picture']) }));
          await caught(() => pastiche.matchColors(colours, { maxPixels: 100 }));
          await caught(async () => (await pastiche.matchColors(colours)).encode('tiff'));
          await caught(async () => (await pastiche.matchColors(colours)).write('a.png'));
          await caught(() => pastiche.apply({ model: 'no-such-style', picture: photograph }, call));
          await caught(() =>
            pastiche.reconstruct({ picture: photograph, layer: 'relu1_1', network: 'vgg19' }, call),
          );
          const elsewhere = { ...call, models: '/nowhere/' };
          await caught(() => pastiche.reconstruct({ picture: photograph, layer: 'relu1_1' }, elsewhere));
          const runtime = engine.createWebRuntime({ threads: 4, wasm: '/nowhere/', device: 'cpu' });
          const x = engine.graph.input('x', [2]);
          await caught(() => runtime.compile({ y: engine.graph.square(x) }));
          const { isolated, threads } = { isolated: crossOriginIsolated, threads: runtime.threads };
          const working = engine.createWebRuntime(call);
          const program = await working.compile({ y: engine.graph.square(x) });
          await program.bind({ x: Float32Array.of(2, 3) });
          const runs = await Promise.all([program.run({}), program.run({ x: Float32Array.of(4, 5) })]);
          await caught(() => program.run({ x: Float32Array.of(1) }));
          await program.dispose();
          await caught(() => program.run({}));
          await working.dispose();
          return { codes, isolated, threads, runs: runs.map(({ y }) => Array.from(y!)) };
        },
        { photograph, wasm },
      );
      expect(found).toEqual({
        codes: [
          ...['E_DEVICE', 'E_INPUT_MISSING', 'E_IMAGE_DECODE', 'E_IMAGE_SIZE', 'E_IMAGE_FORMAT', 'E_OUTPUT'],
          ...[
            'E_WEIGHTS_MISSING',
            'E_WEIGHTS_MISSING',
            'E_WEIGHTS_MISSING',
            'E_RUNTIME',
            'E_SHAPE',
            'E_RUNTIME',
          ],
        ],
        isolated: false,
        threads: 1,
        runs: [
          [4, 9],
          [16, 25],
        ],
      });
      await plain.close();
    },
  );
});
