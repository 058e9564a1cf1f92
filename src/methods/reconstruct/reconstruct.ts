import { add, input, multiply, scalar, type NamedTensors, type Tensor } from '../../graph/index.js';
import { createImage, type Image } from '../../images/image.js';
import { fitLongSide, resizeImage } from '../../images/resize.js';
import { contentLoss } from '../../losses/content.js';
import { styleLoss, styleStatistics } from '../../losses/layer-style.js';
import { totalVariation } from '../../losses/total-variation.js';
import { vggFeatures } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { Losses } from '../../progress.js';
import { runOnce, type Runtime } from '../../runtime/runtime.js';
import { lossWithGradient } from '../loss-terms.js';
import { noisePicture } from '../noise-picture.js';
import {
  optimizeScales,
  type OptimizationControl,
  type OptimizationPlan,
  type OptimizedPicture,
} from '../optimize-scales.js';
import { pictureInput, pictureOf } from '../picture-input.js';
import { objectiveOf } from '../picture-objective.js';
import { styleLayersUpTo } from './levels.js';
import { resolveReconstructSettings, type ReconstructOptions, type ReconstructSettings } from './options.js';

/** A reconstruction; its picture is opaque. */
export interface ReconstructResult extends OptimizedPicture {
  /** Weighted. Without total variation, 0 is all that the layer knows, and 1 about as far from it as a grey picture. */
  readonly losses: Losses;
  readonly plan: OptimizationPlan;
  readonly settings: ReconstructSettings;
}

/** The size of a reconstruction: the picture's, brought down to the long side that was asked for. */
export function planReconstruction(
  { width, height }: Pick<Image, 'width' | 'height'>,
  { size, iterations }: ReconstructSettings,
): OptimizationPlan {
  const fitted = fitLongSide(width, height, Math.min(size, Math.max(width, height)));
  return { scales: [{ ...fitted, iterations }], ...fitted };
}

/**
 * What a layer knows of a picture, made visible: from noise, a picture with the same features at the layer (Mahendran and
 * Vedaldi 2015, "Understanding deep image representations by inverting them", equation 2, with relative distances and
 * their total variation at exponent 1; Gatys, Ecker and Bethge 2016, equation 1), or with the same Gram matrices at the
 * style layers up to it (Gatys et al. 2016, equations 3 to 5, each layer counting the same).
 * @param runtime stays the caller's, who disposes it
 * @param picture its transparency is ignored
 * @throws StyleError `E_ARGUMENT` for an option that can't be used, `E_LAYER` for a layer that the network doesn't have,
 * `E_IMAGE_SIZE` when the picture is too small for the layer
 */
export async function reconstruct(
  runtime: Runtime,
  weights: VggWeights,
  picture: Image,
  options: ReconstructOptions = {},
  control: OptimizationControl = {},
): Promise<ReconstructResult> {
  const settings = resolveReconstructSettings(options);
  const plan = planReconstruction(picture, settings);
  const made = await optimizeScales({
    ...control,
    scales: plan.scales,
    optimizer: settings.optimizer,
    prepare: async ({ width, height }, _, tell) => {
      const opaque = createImage(picture.width, picture.height, picture.rgb);
      const targets = await runOnce(runtime, reconstructTargets(weights, settings, width, height), {
        [pictureInput]: resizeImage(opaque, width, height).rgb,
      });
      tell('compile');
      const program = await runtime.compile(reconstructLoss(weights, settings, width, height));
      await program.bind(targets);
      return {
        objective: objectiveOf(program),
        start: noisePicture(width, height, settings.noise, settings.seed),
        margin: 0,
        dispose: () => program.dispose(),
      };
    },
  });
  return { ...made, plan, settings };
}

const targetInput = (layer: string): string => `target.${layer}`;

/** What is compared of a picture, by layer. */
function knownOf(
  x: Tensor,
  weights: VggWeights,
  settings: ReconstructSettings,
): [layer: string, value: Tensor, size: number][] {
  const { from, layer, pooling } = settings;
  const layers = from === 'content' ? [layer] : styleLayersUpTo(weights, layer);
  const features = vggFeatures(x, weights, layers, { pooling, padding: 'zero' });
  return layers.map((name) => {
    const own = features[name]!;
    const value = from === 'content' ? own : styleStatistics(own, weights, name, settings);
    return [name, value, own.shape[2]! * own.shape[3]!];
  });
}

function reconstructTargets(
  weights: VggWeights,
  settings: ReconstructSettings,
  width: number,
  height: number,
): NamedTensors {
  const known = knownOf(pictureOf({ width, height }), weights, settings);
  return Object.fromEntries(known.map(([layer, value]) => [targetInput(layer), value]));
}

/**
 * The loss of a reconstruction, as a graph of the picture and the targets.
 * @returns `content` or `style`, `totalVariation` (weighted), their sum `total`, and its `gradient` with respect to the
 * picture
 */
export function reconstructLoss(
  weights: VggWeights,
  settings: ReconstructSettings,
  width: number,
  height: number,
): NamedTensors {
  const x = pictureOf({ width, height });
  const known = knownOf(x, weights, settings);
  const own = known
    .map(([layer, value, size]) => {
      const target = input(targetInput(layer), value.shape);
      const loss =
        settings.from === 'content'
          ? contentLoss(value, target, 'relative')
          : styleLoss(value, target, weights, layer, size, settings);
      return multiply(loss, 1 / known.length);
    })
    .reduce((sum, term) => add(sum, term));
  const { totalVariationWeight } = settings;
  const smoothness =
    totalVariationWeight === 0
      ? scalar(0)
      : multiply(totalVariation(x, 'absolute-mean'), totalVariationWeight);
  return lossWithGradient({ [settings.from]: own, totalVariation: smoothness }, x);
}
