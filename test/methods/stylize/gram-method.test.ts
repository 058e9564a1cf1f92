import { afterAll, describe, expect, it } from 'vitest';
import type { NamedTensors } from '../../../src/graph/index.js';
import { createImage, type Image } from '../../../src/images/image.js';
import { resizeImage } from '../../../src/images/resize.js';
import { gramStylization, type StylizePictures } from '../../../src/methods/stylize/gram-method.js';
import { resolveStylizeSettings, type StylizeOptions } from '../../../src/methods/stylize/options.js';
import { lossGraph } from '../../../src/methods/optimization/compiled-loss.js';
import { pictureOf } from '../../../src/methods/optimization/graph-inputs.js';
import { pictureActivations, styleTargets, stylizeLoss } from '../../../src/methods/stylize/picture-loss.js';
import { ProgramCache } from '../../../src/runtime/program-cache.js';
import type { Progress } from '../../../src/methods/progress.js';
import { RankTarget } from '../../../src/ranks/rank-matching.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { valuesOfAll } from '../../graph-values.js';
import { readToyWeights } from '../../toy-weights.js';
import { planMethod } from '../method-runs.js';
import { content, red, stripesStylizer } from './striped-pictures.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = await readToyWeights();
const stylize = stripesStylizer({ runtime, weights });

describe('the histogram loss', () => {
  it('is a term that falls, and that the other terms go with', async () => {
    const { curve, losses } = await stylize({
      histogramWeight: 2,
      histogramLayers: ['relu1_1', 'relu2_1:0.5'],
      scales: [48],
      iterations: 20,
    });
    expect(curve.every(({ histogram }) => histogram! > 0)).toBe(true);
    expect(losses.histogram).toBeLessThan(0.5 * curve[0]!.histogram!);
    const { content: own, style, totalVariation, grain, histogram, total } = curve[3]!;
    expect(own! + style! + totalVariation! + grain! + histogram!).toBeCloseTo(total, 4);
    const without = await stylize({ scales: [48], iterations: 2 });
    expect(without.losses).not.toHaveProperty('histogram');
  });
});

describe('tuned weights', () => {
  const loud: StylizeOptions = {
    ...{ histogramWeight: 1e4, histogramLayers: ['relu1_1'], tvWeight: 1e5, grainWeight: 0, margin: 0 },
    ...{ scales: [48], iterations: 1, styleLayers: ['relu1_1', 'relu2_1', 'relu3_1'] },
  };

  /** The length of a term's gradient at the start, which is the photograph, by the graph of a loss of that term alone. */
  async function gradientLength(term: 'styleWeight' | 'tvWeight' | 'histogramWeight'): Promise<number> {
    const none = { contentWeight: 0, styleWeight: 0, tvWeight: 0, grainWeight: 0, histogramWeight: 0 };
    const { [term]: given } = resolveStylizeSettings(loud);
    const settings = resolveStylizeSettings({ ...loud, ...none, [term]: given });
    const painting = resizeImage(red, 48, 48);
    const valuesAt = (graph: NamedTensors, picture: Image): Promise<Record<string, Float32Array>> =>
      valuesOfAll({ ...graph }, { picture: picture.rgb });
    const targets =
      term === 'tvWeight'
        ? {}
        : await valuesAt(styleTargets(pictureOf(painting), weights, settings), painting);
    if (term === 'histogramWeight') {
      const own = await valuesAt(pictureActivations(pictureOf(content), weights, settings), content);
      const [name, activations] = Object.entries(own)[0]!;
      targets[name] = RankTarget.of(targets[name]!, 4).match(activations);
    }
    const { gradient } = lossGraph(stylizeLoss(weights, settings, content));
    const values = await valuesOfAll({ gradient: gradient! }, { ...targets, picture: content.rgb });
    return Math.sqrt(values['gradient']!.reduce((sum, value) => sum + value ** 2, 0));
  }

  it('keep a term whose gradient is far too long from drowning the others', async () => {
    const drowning = { histogramWeight: 1e4, scales: [48], iterations: 12 };
    const [plain, tuned] = [await stylize(drowning), await stylize({ ...drowning, autoTune: true })];
    // What is added up is the tuned terms.
    const { content: own, style, totalVariation, grain, histogram, total } = tuned.curve[0]!;
    expect(own! + style! + totalVariation! + grain! + histogram!).toBeCloseTo(total, 4);
    const before = plain.curve[0]!;
    expect(histogram! / before.histogram!).toBeLessThan(1e-2);
    expect(style).toBe(before.style);
    expect(tuned.losses.style).toBeLessThan(plain.losses.style!);
  });

  it('are as many times less as their gradients are longer than the style’s', async () => {
    const [plain, tuned] = [await stylize(loud), await stylize({ ...loud, autoTune: true })];
    const style = await gradientLength('styleWeight');
    for (const [term, weight] of [
      ['histogram', 'histogramWeight'],
      ['totalVariation', 'tvWeight'],
    ] as const) {
      const factor = tuned.curve[0]![term]! / plain.curve[0]![term]!;
      const expected = style / (await gradientLength(weight));
      expect(expected, term).toBeLessThan(0.5);
      expect(factor / expected, term).toBeCloseTo(1, 4);
    }
  });
});

describe('locked detail', () => {
  it('keeps edges nearer to the photograph’s', async () => {
    const [free, locked] = [await stylize({ lockDetail: 1e-6 }), await stylize({ lockDetail: 5 })];
    expect(locked.losses.laplacian! / 5).toBeLessThan(0.5 * (free.losses.laplacian! / 1e-6));
  });

  it('is none where the photograph is flat, which a warning says, and there again in the next that is not', async () => {
    const warnings: string[] = [];
    const onProgress = (event: Progress): void => {
      if (event.type === 'warning') warnings.push(event.message);
    };
    const flat = createImage(
      48,
      32,
      content.rgb.map((_, i) => 0.5 + 0.01 * (i % 2)),
    );
    const options: StylizeOptions = { lockDetail: 0.5, init: 'style', scales: [48], iterations: 2 };
    // As in a batch, where graphs are kept from one photograph to the next.
    const programs = new ProgramCache(runtime);
    programs.keep(12);
    const batch = stripesStylizer({ runtime, weights, programs });
    const first = await batch(options, { content: flat }, { onProgress });
    expect(first.losses).not.toHaveProperty('laplacian');
    expect(warnings).toEqual([expect.stringMatching(/flat .* lockDetail has no effect/)]);
    const second = await batch(options, {}, { onProgress });
    expect(second.losses.laplacian).toBeGreaterThan(0);
    expect(second.image).toEqual((await stylize(options)).image);
    expect((await batch(options, { content: flat })).image).toEqual(first.image);
    expect(warnings).toHaveLength(1);
    await programs.dispose();
  });
});

describe('what a stylisation is planned and described as', () => {
  const pictures: StylizePictures = { content, styles: [red, red] };
  const settingsOf = (options: StylizeOptions, given = { content: 1, styles: 2 }) =>
    gramStylization.resolve(options, given);

  it('takes more memory and operations for histograms and tuned weights', () => {
    const plan = (more: StylizeOptions) =>
      planMethod(gramStylization, weights, pictures, { scales: [32, 48], iterations: [2, 3], ...more });
    const [plain, matched, tuned] = [{}, { histogramWeight: 1 }, { histogramWeight: 1, autoTune: true }].map(
      plan,
    );
    expect(plain!.scales.map(({ iterations }) => iterations)).toEqual([2, 3]);
    expect(matched!.memoryBytes).toBeGreaterThan(plain!.memoryBytes);
    expect(matched!.operations).toBeGreaterThan(plain!.operations);
    expect(tuned!.operations).toBeGreaterThan(matched!.operations);
    // Twice the steps are twice the work but for the targets.
    const double = plan({ iterations: [4, 6] });
    expect(double.operations / plain!.operations).toBeGreaterThan(1.5);
    expect(double.operations / plain!.operations).toBeLessThan(2);
    // An optimiser remembers the changes of two pictures for each step, and of its last eight at most.
    const [eight, many] = [[8], [40]].map((iterations) => plan({ scales: [48], iterations }).memoryBytes);
    expect(double.memoryBytes).toBeGreaterThan(plain!.memoryBytes);
    expect(many).toBe(eight);
  });

  it('keeps no pictures of an optimiser at the size of a painting, which is only measured', () => {
    const bytes = (more: StylizeOptions): number =>
      planMethod(gramStylization, weights, pictures, { scales: [32], iterations: [40], margin: 0, ...more })
        .memoryBytes;
    // What lbfgs keeps beyond adam, 2 x 100 pictures, is of the result's size, which a large painting outweighs.
    const large = { styleSize: 1024 };
    expect(bytes({ optimizer: 'lbfgs', preset: 'neural-style', ...large })).toBe(
      bytes({ optimizer: 'adam', preset: 'neural-style', ...large }),
    );
    expect(bytes({ optimizer: 'lbfgs', preset: 'neural-style' })).toBeGreaterThan(
      bytes({ optimizer: 'adam', preset: 'neural-style' }),
    );
  });

  it('looks at no more of the pictures than the largest scale shows', () => {
    const longest = gramStylization.longestSide!;
    expect(longest(settingsOf({ size: 300 }), 'content')).toBe(300);
    expect(longest(settingsOf({}), 'content')).toBe(undefined);
    expect(longest(settingsOf({ size: 300 }), 'mask')).toBe(300);
    // Their colours must not be mixed.
    expect(longest(settingsOf({ size: 300 }), 'contentMask')).toBe(undefined);
    expect(longest(settingsOf({ size: 300 }), 'styleMasks')).toBe(undefined);
    expect(longest(settingsOf({ size: 300, styleScale: 1.5 }), 'styles')).toBe(450);
    expect(longest(settingsOf({ size: 300, styleSize: 700 }), 'styles')).toBe(700);
    expect(longest(settingsOf({ scales: [64, 128] }), 'styles')).toBe(128);
  });

  it('starts from the picture that is given for that', () => {
    expect(settingsOf({}, { content: 1, styles: 2, ...{ initial: 1 } }).init).toBe('picture');
    expect(settingsOf({}).init).toBe('content');
  });

  it('in another size goes through the scales of that size', () => {
    const { scales, iterations, size } = gramStylization.resized!(
      settingsOf({ iterations: 9 }),
      512,
      pictures,
    );
    expect({ scales, iterations, size }).toEqual({
      scales: [128, 256, 512],
      iterations: [28, 34, 40],
      size: 512,
    });
    const trial = gramStylization.resized!(settingsOf({ iterations: 9 }), 192, pictures, 5);
    expect(trial).toMatchObject({ scales: [192], iterations: [5], totalIterations: undefined });
  });

  it('has the terms of its loss, and a row for what is controlled and for nothing else', () => {
    const names = { content: ['a.jpg'], styles: ['b.jpg', 'c.jpg'] };
    const describe = (options: StylizeOptions, more: object = {}) => {
      const settings = settingsOf(options);
      const plan = gramStylization.plan({ settings, pictures }, weights);
      return gramStylization.describe(settings, { ...names, ...more }, plan);
    };
    const plain = describe({ scales: [48], iterations: 2 });
    expect(plain).toMatchObject({ title: 'a.jpg after b.jpg, c.jpg', before: 'content' });
    expect(plain.facts).toContainEqual(['Coarse to fine', '48x32 (2 iterations)']);
    expect(plain.facts).toContainEqual(['Content', 'weight 0.365: relu4_1 (0.5), relu4_2 (0.5)']);
    const controlled = describe(
      {
        ...{ scales: [48], iterations: 2, histogramWeight: 2, lockDetail: 3, autoTune: true },
        ...{ styleBlend: [3, 1], preserveColors: 'match', tvWeight: 0 },
      },
      { styleMasks: ['white', 'm.png'], mask: ['mask.png'] },
    );
    expect(controlled.facts.slice(-7)).toEqual([
      ['Histogram', 'weight 2: relu1_1 (0.5), relu4_1 (0.5)'],
      ['Detail', 'weight 3'],
      ['Weights', 'tuned at each scale by the lengths of gradients'],
      ['Colours', "the photograph's (match)"],
      ['Blend', '3, 1'],
      ['Regions', 'painting 1: white, painting 2: m.png'],
      ['Painted', 'inside the mask, feathered over 0 pixels'],
    ]);
    expect(controlled.facts).toContainEqual(['Total variation', 'not used']);
    expect(plain.facts).toContainEqual(['Grain', 'weight 0.045']);
    expect(plain.facts).toHaveLength(controlled.facts.length - 7);
    const terms = (options: StylizeOptions) => gramStylization.terms(settingsOf(options));
    expect(terms({})).toEqual(['content', 'style', 'totalVariation', 'grain']);
    expect(terms({ grainWeight: 0 })).toEqual(['content', 'style', 'totalVariation']);
    expect(terms({ histogramWeight: 1, lockDetail: 1 }).slice(4)).toEqual(['histogram', 'laplacian']);
  });
});
