import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/random.js';
import { patchSize, studentParameterShapes } from '../../../src/training/distillation/distillation-graph.js';
import { studentConvolutions } from '../../../src/training/distillation/student-weights.js';
import { ParameterSet } from '../../../src/training/parameter-set.js';
import { relativeDistance } from '../../golden-values.js';
import { narrowVgg } from '../../networks/reference-vgg.js';
import { plainConvolution, studentLayers } from './plain-distillation.js';

describe('the weights of a student', () => {
  it('are the products of its values and bases, the last column as the bias', () => {
    const random = createRandom(4);
    const layers = studentLayers(narrowVgg('vgg19'), [2, 3, 2, 4, 3]);
    const values = new ParameterSet(studentParameterShapes(layers));
    for (let i = 0; i < values.flat.length; i += 1) values.flat[i] = random.normal();
    const bases = Object.fromEntries(
      layers.map((layer) => {
        const size = patchSize(layer);
        const triangle = Float32Array.from({ length: size * size }, (_, i) =>
          i % size > Math.floor(i / size) ? 0 : random.normal(),
        );
        return [layer.name, triangle];
      }),
    );
    const found = studentConvolutions({ layers, values, basis: { kept: {}, meanSquares: {}, bases } });
    expect(Object.keys(found)).toEqual(layers.map(({ name }) => name));
    for (const layer of layers) {
      const { weight, bias, ...shape } = plainConvolution({ layers, values: values.values(), bases }, layer);
      const convolution = found[layer.name]!;
      expect(convolution).toMatchObject(shape);
      expect(relativeDistance(convolution.weight, weight)).toBeLessThan(1e-6);
      expect(relativeDistance(convolution.bias, bias)).toBeLessThan(1e-6);
    }
  });
});
