import { afterAll, describe, expect, it } from 'vitest';
import * as node from '../../src/node.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import type * as Pastiche from '../../src/browser.js';
import { largestDifference } from '../largest-difference.js';
import { withoutChromium } from './chromium.js';
import { isolatedPage } from './isolated-page.js';

const patience = 300_000;

type Functions = Pick<
  typeof Pastiche,
  'createImage' | 'matchColors' | 'reconstruct' | 'texture' | 'apply' | 'enlarge' | 'stylize' | 'evaluate'
>;

/** Runs methods on drawn pictures of odd sides; its text goes into the page, so that it refers to nothing outside. */
const compute = async (
  functions: Functions,
  runtime: Pastiche.Runtime,
  all: boolean,
): Promise<Record<string, number[]>> => {
  const draw = (width: number, height: number, step: number): Pastiche.RawImage =>
    functions.createImage(
      width,
      height,
      Float32Array.from({ length: 3 * width * height }, (_, i) => 0.5 + 0.4 * Math.sin(i * i * step + i)),
    );
  const [picture, other] = [draw(21, 17, 0.37), draw(19, 23, 0.0021)];
  const call = { runtime };
  const known = await functions.reconstruct({ picture, layer: 'relu2_1', size: 21, iterations: 2 }, call);
  if (!all) return { known: [...known.image.rgb] };
  const colours = await functions.matchColors({ picture, reference: other }, call);
  const texture = await functions.texture({ sample: other, size: '24x20', iterations: 2 }, call);
  const applied = await functions.apply({ model: 'wave', picture }, call);
  const large = await functions.enlarge({ picture, factor: 2 }, call);
  const painted = await functions.stylize({ content: picture, styles: other, size: 21, iterations: 2 }, call);
  const { content, style } = await functions.evaluate({ picture, content: other, style: other }, call);
  return {
    known: [...known.image.rgb],
    colours: [...colours.image.rgb],
    texture: [...texture.image.rgb],
    applied: [...applied.image.rgb],
    large: [...large.image.rgb],
    painted: [...painted.image.rgb],
    evaluation: [content.relative, style.relative],
  };
};

describe.skipIf(withoutChromium)('methods in Chromium', () => {
  const opened = isolatedPage(patience);
  const runtime = createNativeRuntime({ threads: 2 });
  afterAll(() => runtime.dispose());

  it.each(['cpu', 'webgpu'] as const)(
    'have the results of Node.js on %s',
    { timeout: patience },
    async (device) => {
      // On WebGPU each shape of a convolution is a program of its own, which software is long in making.
      const all = device === 'cpu';
      const code = `(async () => {
        const runtime = engine.createWebRuntime({ device: '${device}', wasm: '/node_modules/onnxruntime-web/dist/' });
        const results = await (${compute.toString()})(pastiche, runtime, ${all});
        const used = runtime.device;
        await runtime.dispose();
        return { used, results };
      })()`;
      const found: { used: string; results: Record<string, number[]> } = await opened().page.evaluate(code);
      expect(found.used).toBe(device);
      const expected = await compute(node, runtime, all);
      expect(Object.keys(found.results)).toEqual(Object.keys(expected));
      for (const [name, values] of Object.entries(expected)) {
        expect(largestDifference(values, found.results[name]!), name).toBeLessThan(
          1e-3 * Math.max(...values),
        );
      }
    },
  );
});
