import { describe, expect, it } from 'vitest';
import { resolveTextureSettings, type TextureOptions } from '../../../src/methods/texture/options.js';
import { pictureOf } from '../../../src/methods/optimization/graph-inputs.js';
import { lossGraph } from '../../../src/methods/optimization/compiled-loss.js';
import { textureLoss, textureTargets } from '../../../src/methods/texture/texture-loss.js';
import { Grid } from '../../graph/grid.js';
import { valuesOfAll } from '../../graph-values.js';
import { narrowVgg, referenceFeatures } from '../../networks/reference-vgg.js';
import { randomPicture } from '../method-runs.js';

const weights = narrowVgg('vgg19');
const [width, height] = [32, 32];
const [x, sample] = [randomPicture(width, height, 1), randomPicture(32, 16, 2)];
const layers = ['relu1_1:0.5', 'relu2_1:0.25', 'relu3_1:2'];

/** The loss of a picture and its gradient; the histogram's target is a picture's own activations. */
async function lossOf(rgb: Float32Array, options: TextureOptions, matched = sample) {
  const settings = resolveTextureSettings({ styleLayers: layers, histogramLayers: ['relu2_1'], ...options });
  const targets = await valuesOfAll(
    { ...textureTargets(pictureOf(sample), weights, settings) },
    { picture: sample.rgb },
  );
  if (settings.histogramWeight > 0) {
    const own = await valuesOfAll(
      { ...textureTargets(pictureOf(matched), weights, settings) },
      { picture: matched.rgb },
    );
    targets['histogram.relu2_1'] = own['histogram.relu2_1']!;
  }
  return valuesOfAll(
    { ...lossGraph(textureLoss(weights, settings, { width, height })) },
    { ...targets, picture: rgb },
  );
}

const featuresOf = ({ width: w, height: h, rgb }: typeof x) =>
  referenceFeatures(new Grid([3, h, w], rgb), weights, 'max', 'zero');
const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

/** A Gram matrix as a mean over positions, by loops. */
function gramOf({ shape, data }: Grid): number[] {
  const [c, size] = [shape[0]!, shape[1]! * shape[2]!];
  return Array.from({ length: c * c }, (_, k) => {
    const [i, j] = [Math.floor(k / c), k % c];
    return sum(Array.from({ length: size }, (__, p) => data[i * size + p]! * data[j * size + p]!)) / size;
  });
}

describe('the loss of a texture', () => {
  it('is what loops compute from its formula', async () => {
    const matched = randomPicture(width, height, 3);
    const found = await lossOf(x.rgb, { tvWeight: 3, histogramWeight: 0.7 }, matched);
    const [own, theirs, target] = [featuresOf(x), featuresOf(sample), featuresOf(matched)];
    const style = sum(
      layers.map((text) => {
        const [layer, weight] = text.split(':') as [string, string];
        const [a, b] = [gramOf(own[layer]!), gramOf(theirs[layer]!)];
        return (
          (Number(weight) * sum(a.map((value, i) => (value - b[i]!) ** 2))) /
          sum(b.map((value) => value ** 2))
        );
      }),
    );
    const [o, r] = [own['relu2_1']!.data, target['relu2_1']!.data];
    const histogram =
      (0.7 * sum(Array.from(o, (value, i) => (value - r[i]!) ** 2))) /
      sum(Array.from(r, (value) => value ** 2));
    const at = (c: number, y: number, z: number): number => x.rgb[(c * height + y) * width + z]!;
    let [down, right] = [0, 0];
    for (let c = 0; c < 3; c += 1) {
      for (let y = 0; y < height; y += 1) {
        for (let z = 0; z < width; z += 1) {
          if (y > 0) down += Math.abs(at(c, y, z) - at(c, y - 1, z));
          if (z > 0) right += Math.abs(at(c, y, z) - at(c, y, z - 1));
        }
      }
    }
    const smoothness = 3 * 0.5 * (down / (3 * (height - 1) * width) + right / (3 * height * (width - 1)));
    for (const [term, value] of Object.entries({ style, histogram, totalVariation: smoothness })) {
      expect(found[term]![0]! / value, term).toBeCloseTo(1, 4);
    }
    expect(found['total']![0]! / (style + histogram + smoothness)).toBeCloseTo(1, 4);
  });

  it('has the terms that count, and no others', async () => {
    expect(Object.keys(await lossOf(x.rgb, { tvWeight: 0 })).sort()).toEqual(['gradient', 'style', 'total']);
  });

  it('has the gradient of finite differences', async () => {
    const options = { tvWeight: 0, styleLayers: ['relu1_1', 'relu2_1'] };
    const { gradient } = await lossOf(x.rgb, options);
    // Along the gradient the loss changes most, against what rounding does to it.
    const largest = Math.max(...gradient!.map(Math.abs));
    const direction = gradient!.map((value) => value / largest);
    const step = 1e-3;
    const total = async (by: number): Promise<number> =>
      (
        await lossOf(
          x.rgb.map((value, i) => value + by * direction[i]!),
          options,
        )
      )['total']![0]!;
    const slope = ((await total(step)) - (await total(-step))) / (2 * step);
    const expected = sum(Array.from(gradient!, (value, i) => value * direction[i]!));
    expect(slope / expected).toBeCloseTo(1, 3);
  });

  it('of one that repeats does not change when it is moved round by whole positions', async () => {
    const moved = Float32Array.from(x.rgb, (_, i) => {
      const [c, y, z] = [Math.floor(i / (width * height)), Math.floor(i / width) % height, i % width];
      return x.rgb[(c * height + ((y + 8) % height)) * width + ((z + 12) % width)]!;
    });
    const tile = { tileable: true, tvWeight: 3 };
    const [before, after] = [await lossOf(x.rgb, tile), await lossOf(moved, tile)];
    for (const term of ['style', 'totalVariation']) {
      expect(after[term]![0]! / before[term]![0]!, term).toBeCloseTo(1, 5);
    }
    const [open, shifted] = [await lossOf(x.rgb, { tvWeight: 3 }), await lossOf(moved, { tvWeight: 3 })];
    expect(Math.abs(shifted['style']![0]! / open['style']![0]! - 1)).toBeGreaterThan(1e-4);
  });
});
