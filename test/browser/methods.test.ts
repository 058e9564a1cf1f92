import { afterAll, describe, expect, it } from 'vitest';
import type * as Pastiche from '../../src/browser.js';
import { methods } from '../../src/methods/index.js';
import * as node from '../../src/node.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { largestDifference } from '../largest-difference.js';
import { withoutChromium } from './chromium.js';
import { isolatedPage } from './isolated-page.js';
import { isSurvey, noteDifference } from './parity.js';

const patience = isSurvey ? 3_600_000 : 300_000;

type MethodName =
  | 'stylize'
  | 'apply'
  | 'style'
  | 'enlarge'
  | 'texture'
  | 'reconstruct'
  | 'harmonize'
  | 'match'
  | 'matchColors'
  | 'evaluate';
type Functions = Pick<typeof Pastiche, 'createImage' | MethodName>;
/** A stylisation is tried by each of its methods; `gram` is the default. */
type Variant = Exclude<NonNullable<Parameters<Functions['stylize']>[0]['method']>, 'gram'>;
type Trial = MethodName | Variant;

/** Runs methods on drawn pictures of odd sides; its text goes into the page, so that it refers to nothing outside. */
const compute = async (
  functions: Functions,
  runtime: Pastiche.Runtime,
  chosen?: readonly Trial[],
): Promise<Record<string, number[]>> => {
  const draw = (width: number, height: number, step: number): Pastiche.RawImage =>
    functions.createImage(
      width,
      height,
      Float32Array.from({ length: 3 * width * height }, (_, i) => 0.5 + 0.4 * Math.sin(i * i * step + i)),
    );
  const [picture, other] = [draw(21, 17, 0.37), draw(19, 23, 0.0021)];
  const [painting, composite] = [draw(35, 33, 0.0021), draw(35, 33, 0.37)];
  const square = Float32Array.from({ length: 3 * 35 * 33 }, (_, i) => (i % 35 > 9 && i % 35 < 25 ? 1 : 0));
  const mask = functions.createImage(35, 33, square);
  const call = { runtime };
  const small = { size: 21, iterations: 2 };
  // The deep layers have no whole position in an object of so few pixels.
  const low = { coarseLayers: ['relu3_1'], fineLayers: ['relu1_1', 'relu3_1'], referenceLayer: 'relu3_1' };
  const pair = { content: picture, styles: other };
  const rgb = async (run: PromiseLike<{ readonly image: Pastiche.RawImage }>): Promise<number[]> => [
    ...(await run).image.rgb,
  ];
  const trials: Record<Trial, () => Promise<number[]>> = {
    stylize: () => rgb(functions.stylize({ ...pair, ...small }, call)),
    neighbors: () =>
      rgb(functions.stylize({ ...pair, ...small, method: 'neighbors', splitIterations: 1 }, call)),
    patches: () => rgb(functions.stylize({ ...pair, ...small, method: 'patches' }, call)),
    fast: () => rgb(functions.stylize({ ...pair, size: 21, method: 'fast' }, call)),
    harmonize: () =>
      rgb(functions.harmonize({ painting, composite, mask, size: 35, iterations: 2, ...low }, call)),
    apply: () => rgb(functions.apply({ model: 'wave', picture }, call)),
    style: async () => [...(await functions.style({ painting: other }, call)).style.code],
    enlarge: () => rgb(functions.enlarge({ picture, factor: 2 }, call)),
    texture: () => rgb(functions.texture({ sample: other, size: '24x20', iterations: 2 }, call)),
    reconstruct: () => rgb(functions.reconstruct({ picture, layer: 'relu2_1', ...small }, call)),
    match: async () => [
      ...(await functions.match({ picture, reference: other, size: 21, layer: 'relu3_1' }, call)).scores,
    ],
    matchColors: () => rgb(functions.matchColors({ picture, reference: other }, call)),
    evaluate: async () => {
      const { content, style } = await functions.evaluate({ picture, content: other, style: other }, call);
      return [content.relative, style.relative];
    },
  };
  const results: Record<string, number[]> = {};
  for (const [name, run] of Object.entries(trials))
    if (chosen?.includes(name as Trial) ?? true) results[name] = await run();
  return results;
};

/** By the list of methods, so that a new one is missed here; `gram` is what a stylisation does by default. */
const everyTrial = [
  ...methods.map(({ name }) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())),
  ...(['neighbors', 'patches', 'fast'] satisfies Variant[]),
] as Trial[];

/** All others are for surveys. On WebGPU each shape of a convolution is a program of its own, which software is long in making. */
const onWebgpu: readonly Trial[] = ['reconstruct', 'enlarge', 'match'];

describe.skipIf(withoutChromium)('methods in Chromium', () => {
  const opened = isolatedPage(patience);
  const runtime = createNativeRuntime({ threads: 2 });
  afterAll(() => runtime.dispose());

  // A survey opens a runtime for each trial, so that one that takes long or fails hides no other.
  const rows: readonly { device: string; what: string; chosen?: readonly Trial[] }[] = isSurvey
    ? ['cpu', 'webgpu'].flatMap((device) =>
        everyTrial.map((trial) => ({ device, what: trial, chosen: [trial] })),
      )
    : [
        { device: 'cpu', what: 'all' },
        { device: 'webgpu', what: 'some', chosen: onWebgpu },
      ];

  it.each(rows)(
    'have the results of Node.js on $device: $what',
    { timeout: patience },
    async ({ device, chosen }) => {
      const code = `(async () => {
      const runtime = engine.createWebRuntime({ device: '${device}', threads: 2, wasm: '/node_modules/onnxruntime-web/dist/' });
      const results = await (${compute.toString()})(pastiche, runtime, ${JSON.stringify(chosen)});
      const used = runtime.device;
      await runtime.dispose();
      return { used, results };
    })()`;
      const found: { used: string; results: Record<string, number[]> } = await opened().page.evaluate(code);
      expect(found.used).toBe(device);
      const expected = await compute(node, runtime, chosen);
      expect(Object.keys(found.results)).toEqual(Object.keys(expected));
      if (chosen === undefined) expect(Object.keys(expected).sort()).toEqual([...everyTrial].sort());
      for (const [name, values] of Object.entries(expected)) {
        const worst = largestDifference(values, found.results[name]!);
        noteDifference('method', name, device, worst / Math.max(...values));
        expect(worst, name).toBeLessThan(1e-3 * Math.max(...values));
      }
    },
  );
});
