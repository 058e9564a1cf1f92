import type { NamedTensors } from '../../graph/index.js';
import { createImage, type Image, type Size } from '../../images/image.js';
import { greyPicture } from '../../images/luminance.js';
import { addMirroredMargin } from '../../images/margin.js';
import { fitLongSide, resizeImage } from '../../images/resize.js';
import { resizeTile } from '../../images/tile.js';
import type { LossTerm } from '../../losses/terms.js';
import { layerChannels } from '../../networks/vgg.js';
import { RankTarget } from '../../ranks/rank-matching.js';
import type { OutputValues, Program } from '../../runtime/runtime.js';
import { layersText, scalesFact, termFact } from '../facts.js';
import type { MethodContext } from '../method.js';
import { ActivationMatching } from '../optimization/activation-matching.js';
import { histogramInput, pictureInput } from '../optimization/graph-inputs.js';
import { noisePicture } from '../optimization/noise-picture.js';
import { objectiveOf, type CompiledObjective } from '../optimization/picture-objective.js';
import { factorValues, tunedFactors } from '../optimization/tuned-factors.js';
import { walkMethod, type GraphUse, type WalkStages } from '../optimization/walk-method.js';
import { canvasSize, type ScalePlan } from '../plan.js';
import { inGreys, isGrey } from './greys.js';
import {
  resolveTextureSettings,
  textureOptionsSchema,
  type TextureOptions,
  type TextureSettings,
} from './options.js';
import { planTexture, type TextureScale } from './plan.js';
import {
  activeHistogramLayers,
  textureActivations,
  textureLoss,
  textureTargets,
  textureTermGradients,
} from './texture-loss.js';

/** What a texture is made from. */
export interface TexturePictures {
  /** The picture that the texture is to look like everywhere; its transparency is ignored. */
  readonly sample: Image;
}

/**
 * A texture of any size that looks like a sample everywhere: from noise, coarse to fine, until its Gram matrices are the
 * sample's (Gatys, Ecker and Bethge 2015, "Texture Synthesis Using Convolutional Neural Networks"; there at one size). A
 * sample without colours gives a texture without them. With `histogramWeight` the distributions of its features are the
 * sample's as well (Risser, Wilmot and Barnes 2017).
 */
export const texture = walkMethod<TextureOptions, TextureSettings, TexturePictures, TextureScale>({
  name: 'texture',
  description: 'make a texture of any size that looks like a sample everywhere',
  roles: [{ name: 'sample', description: 'the picture to take the texture from', argument: true }],
  options: textureOptionsSchema,
  examples: [
    { pictures: { sample: 'painting.jpg' }, output: 'out.png', options: { size: '512x512' } },
    {
      pictures: { sample: 'painting.jpg' },
      output: 'tile.png',
      options: { size: '256x256', tileable: true },
    },
    {
      pictures: { sample: 'painting.jpg' },
      output: 'out.png',
      options: { size: '1024x512', histogramWeight: 0.1, report: 'out.html' },
    },
  ],
  resolve: resolveTextureSettings,
  scales: ({ settings, pictures }) => planTexture(pictures.sample, settings),
  graphs(scale, weights, { settings }) {
    const size = canvasSize(scale);
    const matched = (): NamedTensors[] =>
      activeHistogramLayers(settings).length === 0 ? [] : [textureActivations(weights, settings, size)];
    const at = { role: 'sample', size };
    const uses: GraphUse[] = [
      { ...at, graphs: () => [textureLoss(weights, settings, size), ...matched()], runs: scale.iterations },
      {
        role: 'sample',
        size: scale.sample,
        graphs: () => [textureTargets(weights, settings, scale.sample)],
        runs: 1,
        isMeasured: true,
      },
    ];
    if (!settings.autoTune) return uses;
    const tuning = (): NamedTensors[] => [textureTermGradients(weights, settings, size), ...matched()];
    return [...uses, { ...at, graphs: tuning, runs: 1 }];
  },
  begin: textureStages,
  longestSide: ({ sampleSize }) => sampleSize ?? 512,
  resized(settings, longSide, { sample }, steps) {
    const { width, height } = planTexture(sample, settings);
    const size = fitLongSide(width, height, longSide);
    const scales = steps === undefined ? undefined : [longSide];
    return { ...settings, size, scales, iterations: steps };
  },
  sizeOption(longSide, { settings, pictures }) {
    const plan = planTexture(pictures.sample, settings);
    const { width, height } = fitLongSide(plan.width, plan.height, longSide);
    return ['size', `${width}x${height}`];
  },
  terms: ({ histogramWeight, tvWeight }): LossTerm[] => [
    'style',
    ...(histogramWeight === 0 ? [] : (['histogram'] as const)),
    ...(tvWeight === 0 ? [] : (['totalVariation'] as const)),
  ],
  describe(settings, names, plan) {
    const { tileable, styleLayers, histogramWeight, histogramLayers, tvWeight, seed } = settings;
    const { sample } = plan.scales.at(-1) as TextureScale;
    return {
      title: `texture of ${names['sample']!.join(', ')}${tileable ? ', tileable' : ''}`,
      facts: [
        ['Size', `${plan.width}x${plan.height}, from a sample at ${sample.width}x${sample.height}`],
        ['Repeats', tileable ? 'without a seam' : 'no'],
        scalesFact(plan.scales),
        ['Style layers', layersText(styleLayers)],
        termFact('Histogram', histogramWeight, histogramLayers),
        termFact('Total variation', tvWeight),
        ['Seed', String(seed)],
      ],
    };
  },
});

function textureStages(
  context: MethodContext<TextureSettings>,
  { sample }: TexturePictures,
  plan: ScalePlan<TextureScale>,
): WalkStages<TextureScale> {
  const { settings, weights, programs } = context;
  const opaque = createImage(sample.width, sample.height, sample.rgb);
  const grey = isGrey(sample);
  const resize = settings.tileable ? resizeTile : resizeImage;
  return {
    async prepare(scale, earlier, onStage) {
      const { width, height } = scale.sample;
      const targets = await programs.use(
        `sample ${width}x${height}`,
        () => textureTargets(weights, settings, scale.sample),
        (program) => program.run({ [pictureInput]: resizeImage(opaque, width, height).rgb }),
      );
      onStage('compile');
      const first = startOf(scale, earlier.at(-1), settings);
      const start = grey ? greyPicture(first) : first;
      const compiled = await compileObjective(context, canvasSize(scale), targets, start);
      return { ...compiled, objective: grey ? inGreys(compiled.objective) : compiled.objective, start };
    },
    finish: (images) => resize(images.at(-1)!, plan.width, plan.height),
  };
}

/** Noise at the coarsest scale, then what the scale before gave, enlarged. */
function startOf(scale: TextureScale, coarser: Image | undefined, settings: TextureSettings): Image {
  const { width, height, margin } = scale;
  if (coarser === undefined) {
    const canvas = canvasSize(scale);
    return noisePicture(canvas.width, canvas.height, settings.noise, settings.seed);
  }
  return settings.tileable
    ? resizeTile(coarser, width, height)
    : addMirroredMargin(resizeImage(coarser, width, height), margin);
}

/** The loss of one scale, compiled, against the sample's statistics. */
async function compileObjective(
  { settings, weights, programs }: MethodContext<TextureSettings>,
  size: Size,
  targets: OutputValues,
  start: Image,
): Promise<CompiledObjective> {
  const acquire = (
    name: string,
    build: (w: typeof weights, s: TextureSettings, canvas: Size) => NamedTensors,
  ): Promise<Program> =>
    programs.acquire(`${name} ${size.width}x${size.height}`, () => build(weights, settings, size));
  const layers = activeHistogramLayers(settings);
  const ranks = new Map(
    layers.map((layer) => {
      const name = histogramInput(layer);
      return [name, [{ target: RankTarget.of(targets[name]!, layerChannels(weights, layer)) }]];
    }),
  );
  const grams = Object.fromEntries(Object.entries(targets).filter(([name]) => !ranks.has(name)));
  const activations = layers.length === 0 ? undefined : await acquire('activations', textureActivations);
  const matching = activations && new ActivationMatching(activations, ranks);
  let factors = {};
  if (settings.autoTune) {
    const gradients = await acquire('gradients', textureTermGradients);
    await gradients.bind(grams);
    factors = await tunedFactors(gradients, matching, start.rgb);
    await programs.release(gradients);
  }
  const loss = await acquire('loss', textureLoss);
  await loss.bind({ ...grams, ...factorValues(loss, factors) });
  return {
    objective: objectiveOf(loss, matching),
    dispose: async () => {
      await programs.release(loss);
      await programs.release(activations);
    },
  };
}
