import type { NamedTensors, Tensor } from '../../graph/index.js';
import { variationOf, type Variation } from '../../images/flatness.js';
import type { Image, Size } from '../../images/image.js';
import { addMirroredMargin } from '../../images/margin.js';
import { resizeImage } from '../../images/resize.js';
import { ResizedPicture } from '../../images/resized-picture.js';
import type { RegionGuides } from '../../losses/region-guides.js';
import type { OutputValues } from '../../runtime/runtime.js';
import type { MethodContext, MethodTask } from '../method.js';
import { grainValues } from '../optimization/grain-weights.js';
import { compileLoss } from '../optimization/compiled-loss.js';
import { heldValues, pictureValues } from '../optimization/picture-values.js';
import type { ReadyScale, StageListener } from '../optimization/walk.js';
import type { TermsInputs } from '../optimization/windowed-program.js';
import type { WalkStages } from '../optimization/walk-method.js';
import { canvasSize, type ScalePlan } from '../plan.js';
import { ColorAndMaskComposer, keepColors } from './color-preservation.js';
import type { StylizePictures } from './gram-method.js';
import { initialPicture, refinedPicture } from './initial-picture.js';
import { blendWeights, type StylizeSettings } from './options.js';
import {
  activeHistogramLayers,
  contentTargets,
  stylizeLoss,
  styleTargets,
  type LossRegion,
} from './picture-loss.js';
import { guideValues, matchedLayers } from './region-values.js';
import { StyleRegions, type ScaleRegions } from './regions.js';
import { paintingSize, type StylizeScale } from './scales.js';
import { blendStatistics, readStatistics, type StyleStatistics } from './style-statistics.js';

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
  const scales = new StylizeScales(context, pictures, plan.scales.at(-1)!, task.factors);
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
  /** The photograph at this scale and the one before: what a picture has become there is told by the difference. */
  private readonly content: ResizedPicture;
  /** Each at this scale, where two things are read of it. */
  private readonly styles: readonly ResizedPicture[];

  constructor(
    private readonly context: MethodContext<StylizeSettings>,
    pictures: StylizePictures,
    private readonly finest: StylizeScale,
    private readonly factors: MethodTask<StylizeSettings, StylizePictures>['factors'],
  ) {
    const { settings } = context;
    this.blend = blendWeights(settings.styleBlend, pictures.styles.length);
    this.regions = StyleRegions.of(pictures, this.blend);
    this.pictures = keepColors(pictures, settings);
    this.content = new ResizedPicture(this.pictures.content, 2);
    this.styles = this.pictures.styles.map((style) => new ResizedPicture(style, 1));
    this.histograms = activeHistogramLayers(settings);
  }

  async prepare(
    scale: StylizeScale,
    coarser: Image | undefined,
    onStage: StageListener,
  ): Promise<ReadyScale> {
    const { settings, weights, programs } = this.context;
    const { styles, initial } = this.pictures;
    const { width, height, margin } = scale;
    const regions = this.regions?.at(scale, scale === this.finest, styles, weights, settings);
    const content = this.content.at(scale);
    const photograph = addMirroredMargin(content, margin);
    const style = await this.style(scale, regions);
    const targets = {
      ...(await this.contentValues(photograph, scale)),
      ...style.grams,
      ...(regions && guideValues(regions.content, regions.loss, weights)),
      ...(settings.grainWeight === 0
        ? {}
        : grainValues(photograph, await this.variations(scale), this.blend)),
    };
    onStage('compile');
    const start =
      coarser === undefined
        ? initialPicture(settings, width, height, { content, style: styles[0]!, picture: initial })
        : refinedPicture(coarser, this.content, scale, settings.init);
    for (const painting of this.styles) painting.forget();
    if (scale === this.finest) this.content.forget();
    const canvas = addMirroredMargin(start, margin);
    const loss = {
      ...stylizeLoss(weights, settings, canvasSize(scale), regions?.loss),
      factors: this.factors,
    };
    const matched = matchedLayers(this.histograms, style.distributions, weights, regions);
    const key = this.key(canvas, regions?.loss);
    const compiled = await compileLoss(programs, key, loss, { targets, matched, start: canvas });
    return { ...compiled, start: canvas };
  }

  /** How much the pixels of each painting differ at a scale. */
  private variations(scale: StylizeScale): Promise<Variation[]> {
    const { memory } = this.context;
    return Promise.all(
      this.styles.map((style) => {
        const size = paintingSize(style.picture, scale);
        const read = async (): Promise<Variation> => variationOf(style.at(size));
        return memory.get(style.picture, `variation ${size.width}x${size.height}`, read);
      }),
    );
  }

  /** What the paintings have of style, blended. */
  private async style(scale: StylizeScale, regions: ScaleRegions | undefined): Promise<StyleStatistics> {
    const { weights, settings, memory } = this.context;
    const statistics: StyleStatistics[] = [];
    for (const [index, style] of this.pictures.styles.entries()) {
      const { width, height, window } = paintingSize(style, scale);
      const guides = regions?.styles[index];
      const read = async (): Promise<StyleStatistics> => {
        const picture = this.styles[index]!.at({ width, height });
        if (guides === undefined) {
          return readStatistics(await this.styleValues(picture, { window }), weights, this.histograms);
        }
        const present = regions!.loss.filter(({ region }) => guides.regions.includes(region));
        const values = await this.styleValues(picture, { window }, present, guides);
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

  private contentValues(photograph: Image, { window, compact }: StylizeScale): Promise<TermsInputs> {
    const { weights, settings, programs } = this.context;
    const terms = (x: Tensor): NamedTensors => contentTargets(x, weights, settings);
    return heldValues(programs, `content ${this.key(photograph)}`, terms, photograph, { window, compact });
  }

  private styleValues(
    painting: Image,
    { window }: Pick<StylizeScale, 'window'>,
    regions?: readonly LossRegion[],
    guides?: RegionGuides,
  ): Promise<OutputValues> {
    const { weights, settings, programs } = this.context;
    const terms = (x: Tensor): NamedTensors => styleTargets(x, weights, settings, regions);
    const inputs = guides && guideValues(guides, regions!, weights);
    const key = `style ${this.key(painting, regions)}`;
    return pictureValues(programs, key, terms, painting, { window, inputs });
  }

  /** What tells the graphs for pictures of a size, and for regions, from others. */
  private key({ width, height }: Size, regions?: readonly LossRegion[]): string {
    // Of a batch with the same settings, some photographs may have detail and others not.
    const detail = this.context.settings.lockDetail === 0 ? '' : 'with detail';
    return `${width}x${height} ${detail} ${regions === undefined ? '' : JSON.stringify(regions)}`;
  }
}
