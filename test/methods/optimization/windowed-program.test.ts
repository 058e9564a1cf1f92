import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  encodeOnnx,
  findPositions,
  segmentNeeds,
  sizeOf,
  type Cut,
  type NamedTensors,
  type Tensor,
} from '../../../src/graph/index.js';
import { createImage } from '../../../src/images/image.js';
import {
  compileLoss,
  lossGraph,
  type LossTargets,
  type PictureLoss,
} from '../../../src/methods/optimization/compiled-loss.js';
import { pictureOf } from '../../../src/methods/optimization/graph-inputs.js';
import { totalled } from '../../../src/methods/optimization/loss-terms.js';
import { evaluationOf, type PictureEvaluation } from '../../../src/methods/optimization/picture-objective.js';
import { pictureValues } from '../../../src/methods/optimization/picture-values.js';
import { graphsOf, windowedGraphs } from '../../../src/methods/optimization/windowed-graphs.js';
import { WindowedProgram } from '../../../src/methods/optimization/windowed-program.js';
import { resolveReconstructSettings } from '../../../src/methods/reconstruct/options.js';
import { harmonizeLoss, type HarmonizePass } from '../../../src/methods/harmonize/harmonize-loss.js';
import { resolveHarmonizeSettings } from '../../../src/methods/harmonize/options.js';
import { neighborPictureLoss } from '../../../src/methods/neighbors/neighbor-picture-loss.js';
import { resolveNeighborSettings } from '../../../src/methods/neighbors/options.js';
import { resolvePatchStyleSettings } from '../../../src/methods/patches/options.js';
import { patchPictureLoss } from '../../../src/methods/patches/patch-picture-loss.js';
import { reconstructTerms } from '../../../src/methods/reconstruct/reconstruct-loss.js';
import { resolveStylizeSettings, type StylizeOptions } from '../../../src/methods/stylize/options.js';
import {
  contentTargets,
  styleTargets,
  stylizeLoss,
  type LossRegion,
} from '../../../src/methods/stylize/picture-loss.js';
import { resolveTextureSettings, type TextureOptions } from '../../../src/methods/texture/options.js';
import { textureLoss } from '../../../src/methods/texture/texture-loss.js';
import { RankTarget } from '../../../src/ranks/rank-matching.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { ProgramCache } from '../../../src/runtime/program-cache.js';
import { narrowVgg } from '../../networks/reference-vgg.js';
import { noise } from '../../noise.js';
import { toyPerceptual } from '../../toy-any-style.js';

const runtime = createNativeRuntime({ threads: 1 });
const programs = new ProgramCache(runtime);
afterAll(async () => {
  await programs.dispose();
  await runtime.dispose();
});

/** The loss and its gradient of the whole picture at once, and in windows. */
async function both(
  loss: PictureLoss,
  window: number,
): Promise<[one: PictureEvaluation, other: PictureEvaluation]> {
  const { size } = loss;
  const { targets, matched, start } = drawnTargets(loss);
  const evaluate = async (one: PictureLoss): Promise<PictureEvaluation> => {
    const compiled = await compileLoss(programs, 'test', one, { targets, matched, start });
    const result = await compiled.objective(start.rgb);
    await compiled.dispose();
    return result;
  };
  return [await evaluate(loss), await evaluate({ ...loss, size: { ...size, window } })];
}

function drawnTargets(loss: PictureLoss): Required<LossTargets> {
  const { size } = loss;
  const { inputs } = encodeOnnx(lossGraph(loss));
  const named = Object.entries(inputs).filter(([name]) => !/^(picture$|factor\.|histogram\.)/.test(name));
  const targets = Object.fromEntries(
    named.map(([name, { shape }], index) => [
      name,
      noise(sizeOf(shape)).map((value, i) => value + 0.1 * ((i + index) % 3)),
    ]),
  );
  const activations = Object.entries(loss.activations?.(pictureOf({ width: 40, height: 40 })) ?? {});
  const matched = new Map(
    activations.map(([name, { shape }]) => [
      name,
      [{ target: RankTarget.of(noise(sizeOf(shape)), shape[1]!) }],
    ]),
  );
  const start = createImage(size.width, size.height, noise(3 * size.width * size.height));
  return { targets, matched, start };
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
const shallow: StylizeOptions = {
  styleLayers: ['relu1_1', 'relu2_1', 'relu3_1'],
  contentLayers: ['relu3_1'],
};
const histograms = { histogramWeight: 1, histogramLayers: ['relu1_1', 'relu3_1'] };
const stylized = (options: StylizeOptions, regions?: readonly LossRegion[], at = size): PictureLoss =>
  stylizeLoss(toyPerceptual, resolveStylizeSettings(options), at, regions);
const region = (index: number): LossRegion => ({
  region: index,
  weight: 0.5,
  layers: ['relu1_1', 'relu2_1', 'relu3_1'],
  histograms: [],
});
const reconstructed = (from: 'content' | 'style'): PictureLoss => {
  const settings = resolveReconstructSettings({ from, layer: 'relu3_1', tvWeight: 1 });
  return { size, terms: (x) => reconstructTerms(x, toyPerceptual, settings) };
};
const textured = (options: TextureOptions, at = size): PictureLoss =>
  textureLoss(toyPerceptual, resolveTextureSettings({ styleLayers: ['relu1_1', 'relu3_1'], ...options }), at);
const neighborLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1'];
const byNeighbors = (groups: readonly (readonly string[])[], weights = toyPerceptual): PictureLoss => {
  const settings = resolveNeighborSettings({ layers: neighborLayers, contentLayers: ['relu3_1'] });
  return neighborPictureLoss(weights, settings, groups, size);
};
const byPatches = (weights = toyPerceptual): PictureLoss => {
  const settings = resolvePatchStyleSettings({
    patchLayers: ['relu2_1', 'relu3_1'],
    contentLayers: ['relu3_1'],
  });
  return patchPictureLoss(weights, settings, size);
};
const harmonized = (pass: HarmonizePass): PictureLoss => {
  const settings = resolveHarmonizeSettings({
    ...{
      contentLayers: ['relu3_1'],
      coarseLayers: ['relu2_1', 'relu3_1'],
      fineLayers: ['relu1_1', 'relu3_1'],
    },
    ...{ histogramLayers: ['relu1_1', 'relu3_1'], tvWeight: 1 },
  });
  return harmonizeLoss(toyPerceptual, settings, pass, size);
};

describe('a loss in windows', () => {
  it('has several of them', () => {
    const { windows } = windowedGraphs(totalled(stylized(shallow).terms), { ...size, window: 32 })!;
    expect(windows[0]!.length).toBeGreaterThan(20);
  });

  it.each([
    ['the default', stylized(shallow)],
    ['all terms', stylized({ ...shallow, lockDetail: 1, tvWeight: 1, grainWeight: 1 })],
    ['average pooling and the reductions of a preset', stylized({ ...shallow, preset: 'gatys' })],
    ['histograms', stylized({ ...shallow, ...histograms })],
    ['tuned weights', stylized({ ...shallow, ...histograms, autoTune: true })],
    ['regions', stylized(shallow, [region(0), region(1)])],
    ['a reconstruction of content', reconstructed('content')],
    ['a reconstruction of style', reconstructed('style')],
    ['a texture', textured({ tvWeight: 1 })],
    ['a texture that repeats', textured({ tileable: true, tvWeight: 1 }, { width: 208, height: 176 })],
    [
      'a narrow one, whole from one side to the other',
      textured({ tileable: true }, { width: 208, height: 48 }),
    ],
    ['neighbours of all layers', byNeighbors([neighborLayers])],
    ['neighbours of each layer', byNeighbors(neighborLayers.map((layer) => [layer]))],
    ['neighbours in VGG-16', byNeighbors([neighborLayers], narrowVgg('vgg16'))],
    ['patches', byPatches()],
    ['patches in VGG-16', byPatches(narrowVgg('vgg16'))],
    ['the first pass of a harmonisation', harmonized('coarse')],
    ['the second pass of a harmonisation', harmonized('fine')],
  ])('is the same as of the whole: %s', async (_, loss) => {
    expectSame(await both(loss, 32));
  });

  it('is the same as of the whole at all layers', async () => {
    expectSame(await both(stylized({}, undefined, { width: 331, height: 299 }), 64));
  });

  describe('cut', () => {
    const loss = stylized({ ...shallow, lockDetail: 1, tvWeight: 1, grainWeight: 1 }, [region(0), region(1)]);
    const { targets, start } = drawnTargets(loss);
    const expression = findPositions(totalled(loss.terms), 'picture', [size.height, size.width]);
    const [first, second] = expression.cuts as [Cut, Cut];
    let whole: PictureEvaluation;
    beforeAll(async () => {
      const compiled = await compileLoss(programs, 'whole', loss, { targets, start });
      whole = await compiled.objective(start.rgb);
      await compiled.dispose();
    });

    it('is at maps of a half and a quarter of the sides, odd ones too', () => {
      expect(expression.cuts.map(({ map }) => map.shape.slice(2))).toEqual([
        [86, 105],
        [43, 52],
      ]);
    });

    it.each([
      ['nowhere', [], 1],
      ['once', [first], 2],
      ['deeper', [second], 2],
      ['once, and at once from there', [first], 1],
      ['deeper, and at once from there', [second], 1],
      ['twice', [first, second], 3],
      ['twice, and at once from there', [first, second], 2],
    ])('is the same as of the whole: %s', async (_, cuts, count) => {
      const segments = segmentNeeds(expression, cuts).map((needs) => ({ needs, side: needs.sides[0] / 3 }));
      const graphs = graphsOf(expression, { cuts, segments: segments.slice(0, count) });
      for (const windows of graphs.windows) expect(windows.length).toBeGreaterThan(4);
      const program = await WindowedProgram.compile(programs, 'cut', graphs);
      await program.bind(targets);
      const outputs = await program.run({ picture: start.rgb });
      await program.dispose();
      expectSame([whole, evaluationOf(outputs)]);
    });
  });

  it('is the whole where a window sees all of it', async () => {
    const [one, other] = await both(stylized(shallow), 200);
    expect(other.losses).toEqual(one.losses);
  });

  it('names what can not be computed in windows', async () => {
    // Its sides are cut at other places than the whole's would be.
    const odd = textured({ tileable: true, tvWeight: 1 });
    await expect(both(odd, 32)).rejects.toMatchObject({ code: 'E_GRAPH' });
  });

  it('measures pictures in windows', async () => {
    const image = createImage(size.width, size.height, noise(3 * size.width * size.height));
    const settings = resolveStylizeSettings({ ...shallow, ...histograms });
    const terms = (x: Tensor): NamedTensors => ({
      ...contentTargets(x, toyPerceptual, settings),
      ...styleTargets(x, toyPerceptual, settings),
    });
    const one = await pictureValues(programs, 'whole', terms, image);
    const other = await pictureValues(programs, 'parts', terms, image, { window: 32 });
    expect(Object.keys(other).sort()).toEqual(Object.keys(one).sort());
    for (const [name, values] of Object.entries(one)) {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const same = other[name]!.every((value, i) => Math.abs(value - values[i]!) < 1e-4 * largest);
      expect([name, same]).toEqual([name, true]);
    }
  });
});
