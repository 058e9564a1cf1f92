import { describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import { gramStylization } from '../../../src/methods/stylize/gram-method.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { readGolden, readGoldenJson, readGoldenNetwork, relativeDistance } from '../../golden-values.js';
import { runMethod } from '../method-runs.js';

describe('a whole stylisation and PyTorch agree', () => {
  it('on the loss of a hundred Adam steps and on the picture', async () => {
    const golden = await readGolden('gatys-curve.safetensors');
    const { log } = (await readGoldenJson('gatys-curve.json')) as { log: [number, number, number, number][] };
    const image = (name: string): Image => {
      const { shape, values } = golden(name);
      return createImage(shape[3]!, shape[2]!, values);
    };
    const bench = { runtime: createNativeRuntime({ threads: 2 }), weights: await readGoldenNetwork() };
    const pictures = { content: image('content'), styles: [image('style')] };
    const { curve, image: final } = await runMethod(gramStylization, bench, pictures, {
      normalize: false,
      gram: 'chw',
      projection: false,
      contentWeight: 1,
      styleWeight: 100,
      styleLayers: ['relu1_1:1', 'relu2_1:1', 'relu3_1:1', 'relu4_1:1', 'relu5_1:1'],
      tvWeight: 1e-3,
      margin: 0,
      optimizer: 'adam',
      learningRate: 0.02,
      scales: [128],
      iterations: 100,
    });
    await bench.runtime.dispose();
    // Adam divides by tiny gradients: PyTorch's own float32 and float64 runs differ by up to 1.6e-2.
    const differences = log.map(([total], step) => Math.abs(curve[step]!.total / total - 1));
    expect(curve).toHaveLength(100);
    expect(Math.max(...differences.slice(0, 2))).toBeLessThan(1e-5);
    expect(Math.max(...differences.slice(0, 10))).toBeLessThan(2e-2);
    expect(Math.max(...differences)).toBeLessThan(4e-2);
    // The paths part where Adam's steps are decided by rounding, as those of PyTorch's two precisions do.
    expect(relativeDistance(final.rgb, golden('final').values)).toBeLessThan(4e-2);
  });
});
