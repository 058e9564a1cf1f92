import { describe, expect, it } from 'vitest';
import { resolveStylizeSettings } from '../../../src/methods/stylize/options.js';
import { pictureOf } from '../../../src/methods/optimization/graph-inputs.js';
import { lossGraph } from '../../../src/methods/optimization/compiled-loss.js';
import { contentTargets, styleTargets, stylizeLoss } from '../../../src/methods/stylize/picture-loss.js';
import { stylizePresets, type StylizePresetName } from '../../../src/methods/stylize/presets.js';
import { Grid } from '../../graph/grid.js';
import { valuesOfAll } from '../../graph-values.js';
import { narrowVgg, referenceFeatures } from '../../networks/reference-vgg.js';

const [height, width] = [36, 40];
const weights = narrowVgg('vgg19');

/** Three different pictures without flat areas, RGB in [0, 1]. */
const picture = (seed: number): Float32Array =>
  Float32Array.from(
    { length: 3 * height * width },
    (_, i) => 0.5 + 0.5 * Math.sin(i * seed) * Math.cos(i / (seed + 7)),
  );
const [x, content, style] = [picture(1.7), picture(2.3), picture(3.1)];

type Features = Record<string, Grid>;
const featuresOf = (rgb: Float32Array, pooling: 'max' | 'average'): Features =>
  referenceFeatures(new Grid([3, height, width], rgb), weights, pooling, 'zero');

// The formulas below are written from the sources, one line each, on features that plain loops computed.
const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
const squares = (a: ArrayLike<number>, b: ArrayLike<number>): number[] =>
  Array.from(a, (value, i) => (value - b[i]!) ** 2);
const mean = (values: number[]): number => sum(values) / values.length;
const size = (f: Grid): [c: number, hw: number] => [f.shape[0]!, f.shape[1]! * f.shape[2]!];
const gram = (f: Grid, divisor: number): number[] => {
  const [c, hw] = size(f);
  const row = (i: number): number[] => Array.from(f.data).slice(i * hw, (i + 1) * hw);
  return Array.from(
    { length: c * c },
    (_, k) => sum(row(Math.floor(k / c)).map((v, p) => v * row(k % c)[p]!)) / divisor,
  );
};
const at = (p: Float32Array, c: number, y: number, z: number): number => p[(c * height + y) * width + z]!;
const channels = [0, 1, 2];
const rows = Array.from({ length: height }, (_, i) => i);
const columns = Array.from({ length: width }, (_, i) => i);
const down = (scale: number[]): number[] =>
  channels.flatMap((c) =>
    rows.slice(1).flatMap((y) => columns.map((z) => (at(x, c, y, z) - at(x, c, y - 1, z)) * scale[c]!)),
  );
const right = (scale: number[]): number[] =>
  channels.flatMap((c) =>
    rows.flatMap((y) => columns.slice(1).map((z) => (at(x, c, y, z) - at(x, c, y, z - 1)) * scale[c]!)),
  );

/** Weights of grain, one for each pixel. */
const [grainLuma, grainChroma] = [1.3, 2.9].map((seed) => picture(seed).subarray(0, height * width)) as [
  Float32Array,
  Float32Array,
];
/** Of a mix of the channels, how much neighbours differ, weighed at the upper and at the left one. */
const variation = (mix: number[], weights: Float32Array): number => {
  const value = (y: number, z: number): number => sum(channels.map((c) => mix[c]! * at(x, c, y, z)));
  const difference = (y: number, z: number, below: number, beside: number): number =>
    weights[y * width + z]! * Math.abs(value(y + below, z + beside) - value(y, z));
  const vertical = rows.slice(1).flatMap((y) => columns.map((z) => difference(y - 1, z, 1, 0)));
  const horizontal = rows.flatMap((y) => columns.slice(1).map((z) => difference(y, z - 1, 0, 1)));
  return (mean(vertical) + mean(horizontal)) / 2;
};

type Formula = (
  fx: Features,
  fc: Features,
  fs: Features,
) => { content: number; style: number; totalVariation: number; grain?: number };
const five = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];

const formulas: Record<StylizePresetName, Formula> = {
  // Equations 1, 4 and 5: half the sum of squares; 1 / (4 N^2 M^2) sum of squares, each layer 1/5; alpha / beta = 1e-3.
  gatys: (fx, fc, fs) => ({
    content: 0.5 * sum(squares(fx['relu4_2']!.data, fc['relu4_2']!.data)),
    style:
      1000 *
      sum(
        five.map((l) => {
          const [n, m] = size(fx[l]!);
          return sum(squares(gram(fx[l]!, 1), gram(fs[l]!, 1))) / (4 * n ** 2 * m ** 2) / 5;
        }),
      ),
    totalVariation: 0,
  }),
  // content 1, style 1e3 repeated ten times, TV 10 on normalised pixels.
  d2l: (fx, fc, fs) => ({
    content: mean(squares(fx['relu4_4']!.data, fc['relu4_4']!.data)),
    style:
      1e4 *
      sum(
        ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'conv5_1'].map((l) => {
          const [n, m] = size(fx[l]!);
          return mean(squares(gram(fx[l]!, n * m), gram(fs[l]!, n * m)));
        }),
      ),
    totalVariation:
      10 *
      0.5 *
      (mean(down([1 / 0.229, 1 / 0.224, 1 / 0.225]).map(Math.abs)) +
        mean(right([1 / 0.229, 1 / 0.224, 1 / 0.225]).map(Math.abs))),
  }),
  'pytorch-lesson': (fx, fc, fs) => ({
    content: mean(squares(fx['relu4_2']!.data, fc['relu4_2']!.data)),
    style:
      1e6 *
      sum(
        [1, 0.75, 0.2, 0.2, 0.2].map((w, i) => {
          const l = five[i]!;
          const [n, m] = size(fx[l]!);
          return (w * mean(squares(gram(fx[l]!, 1), gram(fs[l]!, 1)))) / (n * m);
        }),
      ),
    totalVariation: 0,
  }),
  'tensorflow-tutorial': (fx, fc, fs) => ({
    content: 1e4 * mean(squares(fx['relu5_2']!.data, fc['relu5_2']!.data)),
    style:
      1e-2 *
      mean(
        five.map((l) => {
          const [, m] = size(fx[l]!);
          return mean(squares(gram(fx[l]!, m), gram(fs[l]!, m)));
        }),
      ),
    totalVariation: 0,
  }),
  'neural-style': (fx, fc, fs) => ({
    content: 5 * mean(squares(fx['relu4_2']!.data, fc['relu4_2']!.data)),
    style:
      100 *
      sum(
        five.map((l) => {
          const [n, m] = size(fx[l]!);
          return mean(squares(gram(fx[l]!, n * m), gram(fs[l]!, n * m)));
        }),
      ),
    totalVariation:
      (1e-3 / 2) *
      (sum(down([255, 255, 255]).map((d) => d * d)) + sum(right([255, 255, 255]).map((d) => d * d))),
  }),
  default: (fx, fc, fs) => ({
    content:
      0.365 *
      mean(
        ['relu4_1', 'relu4_2'].map((l) => {
          const target = fc[l]!.data;
          return sum(squares(fx[l]!.data, target)) / sum(squares(target, new Float32Array(target.length)));
        }),
      ),
    style: mean(
      five.map((l) => {
        const [, m] = size(fx[l]!);
        const target = gram(fs[l]!, m);
        return sum(squares(gram(fx[l]!, m), target)) / sum(target.map((v) => v * v));
      }),
    ),
    totalVariation: 0.02 * 0.5 * (mean(down([1, 1, 1]).map(Math.abs)) + mean(right([1, 1, 1]).map(Math.abs))),
    // Y, Cb and Cr of ITU-R BT.601.
    grain:
      0.045 *
      ((6 / 7) * variation([0.299, 0.587, 0.114], grainLuma) +
        (1 / 14) * variation([-0.299 / 1.772, -0.587 / 1.772, 0.886 / 1.772], grainChroma) +
        (1 / 14) * variation([0.701 / 1.402, -0.587 / 1.402, -0.114 / 1.402], grainChroma)),
  }),
};

describe('every preset has the formula of its source', () => {
  it.each(Object.entries(formulas))('%s', async (preset, formula) => {
    const settings = resolveStylizeSettings({ preset: preset as StylizePresetName });
    const pixels = { width, height };
    const targets = {
      ...(await valuesOfAll(
        { ...contentTargets(pictureOf(pixels), weights, settings) },
        { picture: content },
      )),
      ...(await valuesOfAll({ ...styleTargets(pictureOf(pixels), weights, settings) }, { picture: style })),
      ...(settings.grainWeight === 0 ? {} : { 'grain.luma': grainLuma, 'grain.chroma': grainChroma }),
    };
    const found = await valuesOfAll(
      { ...lossGraph(stylizeLoss(weights, settings, pixels)) },
      { ...targets, picture: x },
    );
    const expected = {
      grain: 0,
      ...formula(
        featuresOf(x, settings.pooling),
        featuresOf(content, settings.pooling),
        featuresOf(style, settings.pooling),
      ),
    };
    for (const [term, value] of Object.entries(expected)) {
      // A term that does not count is not there.
      if (value === 0) {
        expect(found).not.toHaveProperty(term);
        continue;
      }
      expect(Math.abs(found[term]![0]! - value), term).toBeLessThanOrEqual(1e-4 * Math.abs(value));
    }
    const total = expected.content + expected.style + expected.totalVariation + expected.grain;
    expect(Math.abs(found['total']![0]! - total)).toBeLessThanOrEqual(1e-4 * total);
  });

  it('has a loss of grain in the default only', () => {
    for (const preset of Object.keys(stylizePresets) as StylizePresetName[]) {
      expect(resolveStylizeSettings({ preset }).grainWeight).toBe(preset === 'default' ? 0.045 : 0);
    }
  });

  it('covers all of them', () => {
    expect(Object.keys(formulas).sort()).toEqual(Object.keys(stylizePresets).sort());
  });
});
