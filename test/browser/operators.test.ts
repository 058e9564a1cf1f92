import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type * as Engine from '../../src/engine.browser.js';
import {
  constant,
  encodeOnnx,
  gradients,
  multiply,
  sizeOf,
  sum,
  type NamedTensors,
} from '../../src/graph/index.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { cases } from '../graph/differentiable-cases.js';
import { Draw } from '../graph/draw.js';
import { largestDifference } from '../largest-difference.js';
import { withoutChromium } from './chromium.js';
import { isolatedPage } from './isolated-page.js';

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

/**
 * ONNX Runtime 1.30 on WebGPU gives other values for these cases, which draw a convolution of 33 channels into 32 with weights that are
 * inputs; which part of it is wrong there is not known. Networks of ours have channels in multiples of four, after the first three.
 */
const wrongOnWebgpu = ['convolution 5', 'convolution 6', 'convolution 7'];

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
        if (device === 'webgpu' && wrongOnWebgpu.includes(name)) continue;
        const result = found.results[i]!;
        if (typeof result === 'string') {
          wrong.push(`${name}: ${result}`);
          continue;
        }
        const program = await native.compile(outputs);
        for (const [output, expected] of Object.entries(await program.run(values))) {
          const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
          const worst = largestDifference(expected, result[output]!);
          if (!(worst <= 1e-3 * scale)) wrong.push(`${name} ${output}: ${worst} of ${scale}`);
        }
        await program.dispose();
      }
      await native.dispose();
      expect(wrong).toEqual([]);
    },
  );
});
