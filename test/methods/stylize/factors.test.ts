import { afterAll, describe, expect, it } from 'vitest';
import { resolveStylizeSettings } from '../../../src/methods/stylize/options.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { largestDifference } from '../../largest-difference.js';
import { readToyWeights } from '../../toy-weights.js';
import { stripesStylizer } from './striped-pictures.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const stylize = stripesStylizer({ runtime, weights: await readToyWeights() });
const short = { scales: [48], iterations: [6], margin: 0 };
const { contentWeight, tvWeight } = resolveStylizeSettings(short);

describe('factors of weights while a run goes on', () => {
  it('are the weights that they make', async () => {
    const asked = { contentWeight: 3 * contentWeight, tvWeight: 0.5 * tvWeight };
    const restarted = await stylize({ ...short, ...asked });
    const factors = (): object => ({ content: 3, totalVariation: 0.5 });
    const steered = await stylize(short, {}, { factors });
    expect(largestDifference(steered.image.rgb, restarted.image.rgb)).toBeLessThan(2e-3);
    expect(steered.losses.total).toBeCloseTo(restarted.losses.total, 3);
  });

  it('count from the step after they were changed', async () => {
    let content = 1;
    const { curve } = await stylize(
      short,
      {},
      {
        factors: () => ({ content }),
        onProgress: (event) => {
          if (event.type === 'iteration' && event.iteration === 3) content = 1000;
        },
      },
    );
    const plain = await stylize(short);
    const before = [0, 1, 2].map((step) => curve[step]!.total);
    const plainly = [0, 1, 2].map((step) => plain.curve[step]!.total);
    expect(largestDifference(before, plainly)).toBeLessThan(1e-3);
    expect(curve[3]!.content!).toBeGreaterThan(20 * plain.curve[3]!.content!);
  });

  it('may be others when a state is resumed, and the best so far is then found anew', async () => {
    const controller = new AbortController();
    const stopped = await stylize(
      short,
      {},
      {
        factors: () => ({}),
        signal: controller.signal,
        onProgress: (event) => {
          if (event.type === 'iteration' && event.iteration === 3) controller.abort();
        },
      },
    );
    const resumed = await stylize(short, {}, { factors: () => ({ style: 50 }), resume: stopped.state() });
    expect(resumed.curve).toHaveLength(6);
    expect(resumed.curve[3]!.style!).toBeGreaterThan(10 * stopped.curve[2]!.style!);
    expect(resumed.losses.style!).toBeLessThan(resumed.curve[3]!.style!);
  });
});
