import type { NamedTensors } from '../../graph/index.js';
import type { Image, Size } from '../../images/image.js';
import { addMirroredMargin } from '../../images/margin.js';
import { resizeImage } from '../../images/resize.js';
import type { RegionGuides } from '../../losses/region-guides.js';
import type { OutputValues, Program } from '../../runtime/runtime.js';
import type { MethodContext, MethodTask } from '../method.js';
import { ActivationMatching } from '../optimization/activation-matching.js';
import { pictureInput } from '../optimization/graph-inputs.js';
import { objectiveOf } from '../optimization/picture-objective.js';
import { factorValues, tunedFactors } from '../optimization/tuned-factors.js';
import type { ReadyScale, StageListener } from '../optimization/walk.js';
import type { WalkStages } from '../optimization/walk-method.js';
import type { ScalePlan } from '../plan.js';
import { ColorAndMaskComposer, keepColors } from './color-preservation.js';
import type { StylizePictures } from './gram-method.js';
import { initialPicture, refinedPicture } from './initial-picture.js';
import type { StylizeSettings } from './options.js';
import {
  activeHistogramLayers,
  contentTargets,
  pictureActivations,
  pictureLoss,
  styleTargets,
  termGradients,
  type LossRegion,
} from './picture-loss.js';
import { guideValues, matchedLayers } from './region-values.js';
import { StyleRegions, type ScaleRegions } from './regions.js';
import { paintingSize, type StylizeScale } from './scales.js';
import { blendStatistics, blendWeights, readStatistics, type StyleStatistics } from './style-statistics.js';

/**
 * How a photograph is repainted, from coarse to fine.
 * @throws StyleError `E_ARGUMENT` when blend and paintings differ in number or masks are missing, `E_IMAGE_SIZE` when a
 * mask's proportions are others than its picture's
 */
export function stylizeStages(
  task: MethodTask<StylizeSettings, StylizePictures>,
  pictures: StylizePictures,
  plan: ScalePlan<StylizeScale>,
): WalkStages<StylizeScale> {
  const context = withoutMissingDetail(task);
  const composer = new ColorAndMaskComposer(pictures, context.settings, plan);
  const scales = new StylizeScales(context, pictures, plan.scales.at(-1)!);
  return {
    prepare: (scale, earlier, onStage) => scales.prepare(scale, earlier.at(-1), onStage),
    present: (image) => composer.compose(image),
    finish: (images) => composer.compose(resizeImage(images.at(-1)!, plan.width, plan.height)),
  };
}

/** Values of a channel that lie this close together are flat: what JPEG makes of one colour. */
const flatRange = 8 / 255;

/** A flat photograph has no edges to keep. Measured relative to them, any stroke at all would be infinitely far from it. */
function withoutMissingDetail(
  task: MethodTask<StylizeSettings, StylizePictures>,
): MethodContext<StylizeSettings> {
  const { settings, pictures, onProgress } = task;
  if (settings.lockDetail === 0 || !isFlat(pictures.content)) return task;
  const message = 'The photograph is flat and has no detail that could be kept: lockDetail has no effect.';
  onProgress?.({ type: 'warning', message });
  return { ...task, settings: { ...settings, lockDetail: 0 } };
}

function isFlat({ rgb }: Image): boolean {
  const plane = rgb.length / 3;
  return [0, 1, 2].every((channel) => {
    const values = rgb.subarray(channel * plane, (channel + 1) * plane);
    let [least, most] = [Infinity, -Infinity];
    for (const value of values) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return most - least <= flatRange;
  });
}

class StylizeScales {
  private readonly blend: readonly number[];
  private readonly regions: StyleRegions | undefined;
  /** As they are looked at: with other colours where the photograph's are kept. */
  private readonly pictures: StylizePictures;
  private readonly histograms: readonly string[];

  constructor(
    private readonly context: MethodContext<StylizeSettings>,
    pictures: StylizePictures,
    private readonly finest: StylizeScale,
  ) {
    const { settings } = context;
    this.blend = blendWeights(settings.styleBlend, pictures.styles.length);
    this.regions = StyleRegions.of(pictures, this.blend);
    this.pictures = keepColors(pictures, settings);
    this.histograms = activeHistogramLayers(settings);
  }

  async prepare(
    scale: StylizeScale,
    coarser: Image | undefined,
    onStage: StageListener,
  ): Promise<ReadyScale> {
    const { settings, weights, programs } = this.context;
    const { content, styles, initial } = this.pictures;
    const { width, height, margin } = scale;
    const regions = this.regions?.at(scale, scale === this.finest, styles, weights, settings);
    const photograph = addMirroredMargin(resizeImage(content, width, height), margin);
    const style = await this.style(scale, regions);
    const targets = {
      ...(await this.evaluate('content', photograph, contentTargets)),
      ...style.grams,
      ...(regions && guideValues(regions.content, regions.loss, weights)),
    };
    onStage('compile');
    const start =
      coarser === undefined
        ? initialPicture(settings, width, height, { content, style: styles[0]!, picture: initial })
        : refinedPicture(coarser, content, scale, settings.init);
    const canvas = addMirroredMargin(start, margin);
    const activations =
      this.histograms.length === 0
        ? undefined
        : await this.acquire('activations', canvas, pictureActivations);
    const matching =
      activations &&
      new ActivationMatching(
        activations,
        matchedLayers(this.histograms, style.distributions, weights, regions),
      );
    const factors = settings.autoTune ? await this.factors(canvas, targets, matching, regions) : {};
    const loss = await this.acquire('loss', canvas, pictureLoss, regions?.loss);
    await loss.bind({ ...targets, ...factorValues(loss, factors) });
    return {
      objective: objectiveOf(loss, matching),
      start: canvas,
      dispose: async () => {
        await programs.release(loss);
        await programs.release(activations);
      },
    };
  }

  /** What the paintings have of style, blended. */
  private async style(scale: StylizeScale, regions: ScaleRegions | undefined): Promise<StyleStatistics> {
    const { weights, settings, memory } = this.context;
    const statistics: StyleStatistics[] = [];
    for (const [index, style] of this.pictures.styles.entries()) {
      const { width, height } = paintingSize(style, scale);
      const guides = regions?.styles[index];
      const read = async (): Promise<StyleStatistics> => {
        const picture = resizeImage(style, width, height);
        if (guides === undefined) {
          return readStatistics(
            await this.evaluate('style', picture, styleTargets),
            weights,
            this.histograms,
          );
        }
        const present = regions!.loss.filter(({ region }) => guides.regions.includes(region));
        const values = await this.evaluate('style', picture, styleTargets, present, guides);
        return readStatistics(values, weights, this.histograms, { regions: present, guides });
      };
      statistics.push(
        guides === undefined
          ? await memory.get(style, `style ${width}x${height} ${JSON.stringify(settings)}`, read)
          : await read(),
      );
    }
    return blendStatistics(statistics, this.blend);
  }

  /** The factors of the terms for a scale, from where it begins. */
  private async factors(
    canvas: Image,
    targets: OutputValues,
    matching: ActivationMatching | undefined,
    regions: ScaleRegions | undefined,
  ): Promise<Awaited<ReturnType<typeof tunedFactors>>> {
    const program = await this.acquire('gradients', canvas, termGradients, regions?.loss);
    try {
      await program.bind(targets);
      return await tunedFactors(program, matching, canvas.rgb);
    } finally {
      await this.context.programs.release(program);
    }
  }

  /** What a graph computes of a picture. */
  private async evaluate(
    name: string,
    image: Image,
    build: GraphBuilder,
    regions?: readonly LossRegion[],
    guides?: RegionGuides,
  ): Promise<OutputValues> {
    const { weights, settings, programs } = this.context;
    if (Object.keys(build(weights, settings, image, regions)).length === 0) return {};
    const program = await this.acquire(name, image, build, regions);
    try {
      const inputs = guides && guideValues(guides, regions!, weights);
      return await program.run({ [pictureInput]: image.rgb, ...inputs });
    } finally {
      await programs.release(program);
    }
  }

  /** The compiled graph for pictures of a size, and for regions. */
  private acquire(
    name: string,
    { width, height }: Size,
    build: GraphBuilder,
    regions?: readonly LossRegion[],
  ): Promise<Program> {
    const { weights, settings, programs } = this.context;
    // Of a batch with the same settings, some photographs may have detail and others not.
    const detail = settings.lockDetail === 0 ? '' : 'with detail';
    const key = `${name} ${width}x${height} ${detail} ${regions === undefined ? '' : JSON.stringify(regions)}`;
    return programs.acquire(key, () => build(weights, settings, { width, height }, regions));
  }
}

type GraphBuilder = (
  weights: MethodContext<StylizeSettings>['weights'],
  settings: StylizeSettings,
  size: Size,
  regions?: readonly LossRegion[],
) => NamedTensors;
