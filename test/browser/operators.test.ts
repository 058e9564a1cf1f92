import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type * as Engine from '../../src/engine.browser.js';
import {
  constant,
  convolution,
  encodeOnnx,
  gradients,
  input,
  multiply,
  sizeOf,
  sum,
  type NamedTensors,
} from '../../src/graph/index.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { runOnce } from '../../src/runtime/runtime.js';
import { cases } from '../graph/differentiable-cases.js';
import { Draw } from '../graph/draw.js';
import { largestDifference } from '../largest-difference.js';
import { withoutChromium } from './chromium.js';
import { isolatedPage } from './isolated-page.js';
import { noteDifference } from './parity.js';

declare const engine: typeof Engine;

const patience = 600_000;

interface Trial {
  readonly name: string;
  readonly outputs: NamedTensors;
  readonly values: Readonly<Record<string, Float32Array>>;
}

/** Every operation on a random shape, with its gradient, whose weights differ from place to place. */
const trials = Object.entries(cases).flatMap(([operation, builds]) =>
  builds.map((build, i): Trial => {
    const draw = new Draw(fc.sample(fc.gen(), { numRuns: 1, seed: 7 * i + operation.length })[0]!);
    const value = build(draw);
    const weights = Float32Array.from({ length: sizeOf(value.shape) }, (_, at) => Math.cos(at));
    const loss = sum(multiply(value, constant(weights, value.shape)));
    const derivatives = gradients(loss, draw.inputs);
    const outputs = Object.fromEntries(derivatives.map((gradient, at) => [`gradient${at}`, gradient]));
    return { name: `${operation} ${i + 1}`, outputs: { value, ...outputs }, values: draw.values };
  }),
);

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

describe.skipIf(withoutChromium)('every operation and its gradient in Chromium', () => {
  const opened = isolatedPage(patience);

  it.each(['cpu', 'webgpu'] as const)(
    'has the values of Node.js on %s',
    { timeout: patience },
    async (device) => {
      const asked = trials.map(({ outputs, values }) => {
        const model = encodeOnnx(outputs, {}, device === 'cpu' ? 'cpu' : 'gpu');
        return {
          model: { ...model, bytes: base64(model.bytes) },
          values: Object.fromEntries(Object.entries(values).map(([name, numbers]) => [name, [...numbers]])),
        };
      });
      const found = await opened().page.evaluate(
        async ({ asked, device }) => {
          const runtime = engine.createWebRuntime({
            device,
            threads: 2,
            wasm: '/node_modules/onnxruntime-web/dist/',
          });
          const results: (string | Record<string, number[]>)[] = [];
          for (const { model, values } of asked) {
            const bytes = Uint8Array.from(atob(model.bytes), (character) => character.charCodeAt(0));
            const given = Object.entries(values).map(([name, numbers]) => [name, Float32Array.from(numbers)]);
            try {
              const program = await runtime.open({ ...model, bytes });
              const outputs = await program.run(Object.fromEntries(given) as Record<string, Float32Array>);
              results.push(
                Object.fromEntries(
                  Object.entries(outputs).map(([name, numbers]) => [name, Array.from(numbers)]),
                ),
              );
              await program.dispose();
            } catch (error) {
              results.push(String(error));
            }
          }
          // Had any of them failed on WebGPU, the CPU would have stepped in.
          const used = runtime.device;
          await runtime.dispose();
          return { used, results };
        },
        { asked, device },
      );
      expect(found.used).toBe(device);
      const native = createNativeRuntime({ threads: 1 });
      const wrong: string[] = [];
      for (const [i, { name, outputs, values }] of trials.entries()) {
        const result = found.results[i]!;
        if (typeof result === 'string') {
          wrong.push(`${name}: ${result}`);
          continue;
        }
        const program = await native.compile(outputs);
        for (const [output, expected] of Object.entries(await program.run(values))) {
          const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
          const worst = largestDifference(expected, result[output]!);
          noteDifference('operation', name.replace(/ \d+$/, ''), device, worst / scale);
          if (!(worst <= 1e-3 * scale)) wrong.push(`${name} ${output}: ${worst} of ${scale}`);
        }
        await program.dispose();
      }
      await native.dispose();
      expect(wrong).toEqual([]);
    },
  );

  it(
    'is right in a file of somebody else, which may have what WebGPU has wrong',
    { timeout: patience },
    async () => {
      // As it is in the file: nine channels into four, which graphs of ours have with zeros beside.
      const draw = (count: number, step: number): Float32Array =>
        Float32Array.from({ length: count }, (_, i) => Math.sin(i * i * step + i));
      const y = convolution(input('x', [1, 9, 5, 5]), constant(draw(4 * 9 * 9, 0.71), [4, 9, 3, 3]), {
        padding: 1,
      });
      const x = draw(9 * 25, 0.37);
      const model = encodeOnnx({ y }, {}, 'cpu');
      const found = await opened().page.evaluate(
        async ({ model, x }) => {
          const runtime = engine.createWebRuntime({
            device: 'webgpu',
            wasm: '/node_modules/onnxruntime-web/dist/',
          });
          const bytes = Uint8Array.from(atob(model.bytes), (character) => character.charCodeAt(0));
          const program = await runtime.open({ ...model, bytes });
          const { y } = await program.run({ x: Float32Array.from(x) });
          const { device } = runtime;
          await runtime.dispose();
          return { y: Array.from(y!), device };
        },
        { model: { ...model, bytes: base64(model.bytes) }, x: [...x] },
      );
      const native = createNativeRuntime({ threads: 1 });
      const expected = await runOnce(native, { y }, { x });
      await native.dispose();
      expect(found.device).toBe('webgpu');
      expect(largestDifference(expected['y']!, found.y)).toBeLessThan(1e-5);
    },
  );
});
