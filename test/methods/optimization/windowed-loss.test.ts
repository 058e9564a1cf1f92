import { afterAll, describe, expect, it } from 'vitest';
import type { NamedTensors, Tensor } from '../../../src/graph/index.js';
import { lossWithGradient } from '../../../src/methods/optimization/loss-terms.js';
import { pictureOf } from '../../../src/methods/optimization/graph-inputs.js';
import { objectiveOf, type PictureEvaluation } from '../../../src/methods/optimization/picture-objective.js';
import { compileWindows, windowedGraphs } from '../../../src/methods/optimization/windowed-loss.js';
import { resolveStylizeSettings, type StylizeOptions } from '../../../src/methods/stylize/options.js';
import { stylizeLoss } from '../../../src/methods/stylize/picture-loss.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { ProgramCache } from '../../../src/runtime/program-cache.js';
import { noise } from '../../noise.js';
import { toyPerceptual } from '../../toy-any-style.js';

const runtime = createNativeRuntime({ threads: 1 });
const programs = new ProgramCache(runtime);
afterAll(async () => {
  await programs.dispose();
  await runtime.dispose();
});

type Terms = (picture: Tensor) => NamedTensors;

/** The loss and its gradient of the whole picture at once, and in windows. */
async function both(
  terms: Terms,
  size: { width: number; height: number },
  side: number,
): Promise<[PictureEvaluation, PictureEvaluation]> {
  const picture = pictureOf(size);
  const whole = await runtime.compile(lossWithGradient(terms(picture), picture));
  const targets = Object.fromEntries(
    Object.entries(whole.inputs)
      .filter(([name]) => name !== 'picture')
      .map(([name, shape], index) => [
        name,
        noise(shape.reduce((a, b) => a * b, 1)).map((v, i) => v + 0.1 * ((i + index) % 3)),
      ]),
  );
  await whole.bind(targets);
  const rgb = noise(3 * size.width * size.height);
  const one = await objectiveOf(whole)(rgb);
  const windowed = await compileWindows(
    programs,
    'test',
    { terms, size: { ...size, window: side } },
    targets,
  );
  const other = await windowed.evaluate({ picture: rgb });
  await windowed.dispose();
  await whole.dispose();
  return [one, other];
}

function expectSame([one, other]: [PictureEvaluation, PictureEvaluation]): void {
  expect(Object.keys(other.losses).sort()).toEqual(Object.keys(one.losses).sort());
  for (const [term, value] of Object.entries(one.losses))
    expect(Math.abs(other.losses[term as 'total'] - value)).toBeLessThanOrEqual(1e-4 * Math.abs(value));
  const norm = (values: Float32Array): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  const difference = one.gradient.map((value, i) => value - other.gradient[i]!);
  expect(norm(difference)).toBeLessThan(1e-4 * norm(one.gradient));
}

const size = { width: 211, height: 173 };
const shallow = { styleLayers: ['relu1_1', 'relu2_1', 'relu3_1'], contentLayers: ['relu3_1'] };
const stylized = (options: StylizeOptions): Terms => {
  const settings = resolveStylizeSettings(options);
  return stylizeLoss(toyPerceptual, settings, size).terms;
};

describe('a loss in windows', () => {
  it('has several of them', () => {
    const { windows } = windowedGraphs({ terms: stylized(shallow), size: { ...size, window: 32 } });
    expect(windows.length).toBeGreaterThan(20);
  });

  it.each([
    ['the default', shallow],
    ['all terms', { ...shallow, lockDetail: 1, tvWeight: 1, grainWeight: 1 }],
    ['average pooling and the reductions of a preset', { ...shallow, preset: 'gatys' }],
  ] as [string, StylizeOptions][])('is the same as of the whole: %s', async (_, options) => {
    expectSame(await both(stylized(options), size, 32));
  });

  it('is the same as of the whole at all layers', async () => {
    expectSame(await both(stylized({}), { width: 331, height: 299 }, 64));
  });
});
