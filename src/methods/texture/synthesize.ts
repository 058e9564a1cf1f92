import type { NamedTensors } from '../../graph/index.js';
import { createImage, type Image } from '../../images/image.js';
import { greyPicture } from '../../images/luminance.js';
import { addMirroredMargin } from '../../images/margin.js';
import { resizeImage } from '../../images/resize.js';
import { resizeTile } from '../../images/tile.js';
import { RankTarget } from '../../ranks/rank-matching.js';
import { layerChannels } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { runOnce, type OutputValues, type Program, type Runtime } from '../../runtime/runtime.js';
import { ActivationMatching } from '../activation-matching.js';
import { noisePicture } from '../noise-picture.js';
import { optimizeScales, type OptimizationControl, type OptimizedPicture } from '../optimize-scales.js';
import { pictureInput } from '../picture-input.js';
import { objectiveOf, type CompiledObjective } from '../picture-objective.js';
import { tunedFactors } from '../tuned-factors.js';
import { inGreys, isGrey } from './greys.js';
import { resolveTextureSettings, type TextureOptions, type TextureSettings } from './options.js';
import { planTexture, textureCanvas, type TexturePlan, type TextureScale } from './plan.js';
import {
  activeHistogramLayers,
  histogramInput,
  textureActivations,
  textureLoss,
  textureTermGradients,
  textureTargets,
} from './texture-loss.js';

/** A texture; its picture is opaque. */
export interface TextureResult extends OptimizedPicture {
  readonly plan: TexturePlan;
  readonly settings: TextureSettings;
}

/**
 * Makes a texture of any size that looks like a sample everywhere: from noise, coarse to fine, until its Gram matrices are
 * the sample's (Gatys, Ecker and Bethge 2015, "Texture Synthesis Using Convolutional Neural Networks"; there at one size).
 * A sample without colours gives a texture without them.
 * With `histogramWeight` the distributions of its features are the sample's as well (Risser, Wilmot and Barnes 2017).
 * @param runtime stays the caller's, who disposes it
 * @param sample its transparency is ignored
 * @throws StyleError `E_ARGUMENT` for an option that can't be used, `E_LAYER` for a layer that the network doesn't have,
 * `E_IMAGE_SIZE` when the sample or the texture is too small for the layers
 */
export async function synthesizeTexture(
  runtime: Runtime,
  weights: VggWeights,
  sample: Image,
  options: TextureOptions = {},
  control: OptimizationControl = {},
): Promise<TextureResult> {
  const settings = resolveTextureSettings(options);
  const plan = planTexture(sample, settings);
  const grey = isGrey(sample);
  const made = await optimizeScales({
    ...control,
    scales: plan.scales,
    optimizer: settings.optimizer,
    prepare: async (scale, coarser, tell) => {
      const targets = await sampleTargets(runtime, weights, settings, sample, scale);
      tell('compile');
      const first = startOf(scale, coarser, settings);
      const start = grey ? greyPicture(first) : first;
      const compiled = await textureObjective(runtime, weights, settings, scale, targets, start.rgb);
      const objective = grey ? inGreys(compiled.objective) : compiled.objective;
      return { ...compiled, objective, start, margin: scale.margin };
    },
  });
  const resize = settings.tileable ? resizeTile : resizeImage;
  return { ...made, image: resize(made.image, plan.width, plan.height), plan, settings };
}

/** Noise at the coarsest scale, then what the scale before made, enlarged. */
function startOf(scale: TextureScale, coarser: Image | undefined, settings: TextureSettings): Image {
  const { width, height, margin } = scale;
  if (coarser === undefined) {
    const canvas = textureCanvas(scale);
    return noisePicture(canvas.width, canvas.height, settings.noise, settings.seed);
  }
  return settings.tileable
    ? resizeTile(coarser, width, height)
    : addMirroredMargin(resizeImage(coarser, width, height), margin);
}

async function sampleTargets(
  runtime: Runtime,
  weights: VggWeights,
  settings: TextureSettings,
  sample: Image,
  { sampleWidth, sampleHeight }: TextureScale,
): Promise<OutputValues> {
  const opaque = createImage(sample.width, sample.height, sample.rgb);
  return runOnce(runtime, textureTargets(weights, settings, sampleWidth, sampleHeight), {
    [pictureInput]: resizeImage(opaque, sampleWidth, sampleHeight).rgb,
  });
}

/** The loss of one scale, compiled. */
async function textureObjective(
  runtime: Runtime,
  weights: VggWeights,
  settings: TextureSettings,
  scale: TextureScale,
  targets: OutputValues,
  start: Float32Array,
): Promise<CompiledObjective> {
  const { width, height } = textureCanvas(scale);
  const compile = (
    build: (w: VggWeights, s: TextureSettings, wide: number, high: number) => NamedTensors,
    own = settings,
  ): Promise<Program> => runtime.compile(build(weights, own, width, height));
  const layers = activeHistogramLayers(settings);
  const ranks = new Map(
    layers.map((layer) => {
      const name = histogramInput(layer);
      return [name, [{ target: RankTarget.of(targets[name]!, layerChannels(weights, layer)) }]];
    }),
  );
  const bindGrams = async (program: Program): Promise<void> => {
    const grams = Object.entries(targets).filter(([name]) => name in program.inputs && !ranks.has(name));
    await program.bind(Object.fromEntries(grams));
  };
  const activations = layers.length === 0 ? undefined : await compile(textureActivations);
  const matching = activations === undefined ? undefined : new ActivationMatching(activations, ranks);
  let tuned = settings;
  if (settings.autoTune) {
    const termGradients = await compile(textureTermGradients);
    try {
      await bindGrams(termGradients);
      const factors = await tunedFactors(termGradients, matching, start);
      tuned = {
        ...settings,
        histogramWeight: settings.histogramWeight * (factors.histogram ?? 1),
        totalVariationWeight: settings.totalVariationWeight * (factors.totalVariation ?? 1),
      };
    } finally {
      await termGradients.dispose();
    }
  }
  const loss = await compile(textureLoss, tuned);
  await bindGrams(loss);
  return {
    objective: objectiveOf(loss, matching),
    dispose: async () => {
      await loss.dispose();
      await activations?.dispose();
    },
  };
}
