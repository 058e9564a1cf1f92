import { describe, expect, it } from 'vitest';
import { gradients, input, type Tensor } from '../../src/graph/index.js';
import { gramLoss, gramMatrix } from '../../src/losses/gram.js';
import { homogeneousGram, projectedGramLoss } from '../../src/losses/projected-gram.js';
import type { LossReduction } from '../../src/losses/reduction.js';
import { applyConvolution } from '../../src/networks/vgg.js';
import { readGoldenNetwork, relativeDistance } from '../golden-values.js';
import { valuesOfAll } from '../graph-values.js';

const random = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.max(0, Math.sin((i + 1) * seed) * 40));

describe("style loss in the full network's space", () => {
  it.each(['relu1_1', 'relu3_1', 'relu5_1'])(
    'equals that of the projected maps at %s, gradient included',
    async (layer) => {
      const projection = (await readGoldenNetwork()).projections[layer]!;
      const shape = [1, projection.inputChannels, 9, 7];
      const [f, g] = [input('f', shape), input('g', [1, projection.inputChannels, 6, 11])];
      const project = (x: Tensor): Tensor => applyConvolution(x, projection, 'project', 'zero');
      const outputs: Record<string, Tensor> = {};
      for (const reduction of ['mean', 'gatys', 'mean-per-value', 'relative'] as LossReduction[]) {
        const [short, long] = [
          projectedGramLoss(
            homogeneousGram(f, projection, 'hw'),
            homogeneousGram(g, projection, 'hw'),
            projection,
            reduction,
            63,
          ),
          gramLoss(gramMatrix(project(f), 'hw'), gramMatrix(project(g), 'hw'), reduction, 63),
        ];
        Object.assign(outputs, {
          [`short ${reduction}`]: short,
          [`long ${reduction}`]: long,
          [`short gradient ${reduction}`]: gradients(short, [f])[0]!,
          [`long gradient ${reduction}`]: gradients(long, [f])[0]!,
        });
      }
      const size = shape.reduce((a, b) => a * b);
      const found = await valuesOfAll(outputs, {
        f: random(size, 1.3),
        g: random(projection.inputChannels * 66, 2.1),
      });
      for (const name of Object.keys(found).filter((key) => key.startsWith('short'))) {
        expect(relativeDistance(found[name]!, found[name.replace('short', 'long')]!), name).toBeLessThan(
          1e-3,
        );
      }
    },
  );
});
