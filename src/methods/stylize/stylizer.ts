import { StyleError } from '../../errors.js';
import { resizeImage } from '../../images/resize.js';
import type { Image } from '../../images/image.js';
import { addMirroredMargin } from '../../images/margin.js';
import type { NamedTensors } from '../../graph/index.js';
import type { RegionGuides } from '../../losses/region-guides.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { IterationProgress, StageProgress } from '../../progress.js';
import type { OutputValues, Program, Runtime } from '../../runtime/runtime.js';
import { ActivationMatching } from '../activation-matching.js';
import { pictureInput } from '../picture-input.js';
import { objectiveOf } from '../picture-objective.js';
import { tunedFactors, type TermFactors } from '../tuned-factors.js';
import { optimizeScale, type CurvePoint, type ScaleOutcome, type ScaleStanding } from '../optimize-scale.js';
import type { OptimizedPicture } from '../optimize-scales.js';
import { guideValues, matchedLayers } from './region-values.js';
import { initialPicture, refinedPicture } from './initial-picture.js';
import { factorValues } from './factor-values.js';
import { resolveStylizeSettings, type StylizeOptions, type StylizeSettings } from './options.js';
import {
  activeHistogramLayers,
  contentTargets,
  pictureActivations,
  pictureLoss,
  styleTargets,
  termGradients,
  type LossRegion,
} from './picture-loss.js';
import { keepColors, Presentation } from './presentation.js';
import { ProgramCache } from './program-cache.js';
import { checkResume, fingerprint, type StylizeState } from './saved-state.js';
import { StyleRegions, type ScaleRegions, type StyleMask } from './regions.js';
import { paintingSize, planScales, type Scale, type ScalePlan } from './scales.js';
import { blendStatistics, blendWeights, readStatistics, type StyleStatistics } from './style-statistics.js';

/** One step done, with what it takes to go on from there another time. */
export interface StylizeIteration extends IterationProgress {
  /** Where the work stands; made only when asked for, and only while the event is handed out. */
  state(): StylizeState;
}

export type StylizeProgress = StageProgress | StylizeIteration;

/** What one picture is made of. */
export interface StylizeInput {
  readonly content: Image;
  /** At least one; several are blended by `styleBlend` of {@link StylizeOptions}, equally by default. */
  readonly styles: readonly Image[];
  /** The picture to start from, for `init: 'picture'`. */
  readonly initial?: Image | undefined;
  /**
   * The photograph's regions, one for each flat colour. Each is painted after the paintings that have the region, and
   * `styleBlend` says how much each painting counts.
   */
  readonly contentMask?: Image | undefined;
  /** Where the regions are in each painting, one for each of `styles`. */
  readonly styleMasks?: readonly StyleMask[] | undefined;
  /** What is painted: white; black stays the photograph, greys are a blend. Of the photograph's proportions. */
  readonly mask?: Image | undefined;
  /** Ends the work early; the best picture so far is the result. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: StylizeProgress) => void) | undefined;
  /** Goes on from a saved state instead of from the start. */
  readonly resume?: StylizeState | undefined;
  /**
   * Keep the compiled graphs for more pictures of this size. They begin sooner then, and the work takes about twice the
   * memory. @defaultValue false
   */
  readonly keepGraphs?: boolean | undefined;
}

/** The picture has the photograph's transparency. */
export interface StylizeResult extends OptimizedPicture {
  readonly plan: ScalePlan;
  readonly settings: StylizeSettings;
  /** From here the work can go on as if it had not stopped. */
  readonly state: StylizeState;
}

/** Programs kept between pictures where that is wanted: enough for equal photographs at all their scales. */
const keptPrograms = 12;

/**
 * Repaints photographs after paintings by optimisation (Gatys, Ecker and Bethge 2016). Made once for a network and its
 * settings; what pictures of equal size have in common (compiled graphs, the paintings' statistics) is computed once.
 */
export class Stylizer {
  readonly settings: StylizeSettings;
  private readonly programs: ProgramCache;
  private readonly styleValues = new WeakMap<Image, Map<string, StyleStatistics>>();

  /**
   * @param runtime stays the caller's, who disposes it
   * @throws StyleError `E_ARGUMENT` for an option that can't be used, `E_LAYER` for a layer that the network doesn't have
   */
  constructor(
    runtime: Runtime,
    private readonly weights: VggWeights,
    options: StylizeOptions = {},
  ) {
    this.settings = resolveStylizeSettings(options);
    this.programs = new ProgramCache(runtime, 1);
    const { contentWeight, styleWeight, totalVariationWeight, histogramWeight, lockDetail } = this.settings;
    if (contentWeight + styleWeight + totalVariationWeight + histogramWeight + lockDetail === 0) {
      throw new StyleError(
        'E_ARGUMENT',
        'All weights are 0, so there is nothing to optimise.',
        'Give content or style a weight above 0.',
      );
    }
  }

  /**
   * Makes one picture.
   * @throws StyleError `E_IMAGE_SIZE` when a picture is too small for the layers, `E_ARGUMENT` when blend and styles
   * differ in number, `E_STATE` when the state to resume from belongs to other work
   */
  async stylize(work: StylizeInput): Promise<StylizeResult> {
    const { settings } = this;
    const together = activeHistogramLayers(settings).length === 0 ? 1 : 2;
    this.programs.capacity = together * (work.keepGraphs === true ? keptPrograms : 1);
    const blend = blendWeights(settings.styleBlend, work.styles.length);
    const plan = planScales(work.content, settings);
    const areas = StyleRegions.of(work, blend);
    const presentation = new Presentation(work.content, settings, work.mask, plan);
    const pictures = keepColors(work, settings);
    const started = performance.now();
    let mark: string | undefined;
    const belongsTo = (): string => (mark ??= fingerprint(settings, this.weights, work));
    const resume = work.resume === undefined ? undefined : checkResume(work.resume, plan, belongsTo());
    const before = resume?.curve.at(-1)?.elapsed ?? 0;
    const curve: CurvePoint[] = [...(resume?.curve ?? [])];
    const total = plan.scales.reduce((sum, { iterations }) => sum + iterations, 0);
    let picture: Image | undefined;
    let outcome: ScaleOutcome | undefined;
    let evaluations = resume?.evaluations ?? 0;
    const first = resume?.scale ?? 0;
    let index = first;
    let factors: TermFactors = {};
    const stateAt = (scale: number, { state }: ScaleStanding, evaluated: number): StylizeState => ({
      ...state,
      scale,
      evaluations: evaluated,
      curve: [...curve],
      fingerprint: belongsTo(),
      factors,
    });
    for (; index < plan.scales.length; index += 1) {
      const scale = plan.scales[index]!;
      const stage = (name: 'targets' | 'compile' | 'optimize'): void =>
        work.onProgress?.({
          type: 'stage',
          stage: name,
          scale: index,
          scales: plan.scales.length,
          width: scale.width,
          height: scale.height,
        });
      stage('targets');
      const content = resizeImage(pictures.content, scale.width, scale.height);
      const finest = index === plan.scales.length - 1;
      const regions = areas?.at(scale, finest, pictures.styles, this.weights, settings);
      const style = await this.style(pictures.styles, scale, blend, regions);
      const targets = {
        ...(await this.content(content, scale)),
        ...style.grams,
        ...(regions && guideValues(regions.content, regions.loss, this.weights)),
      };
      stage('compile');
      const start =
        picture === undefined
          ? initialPicture(settings, scale.width, scale.height, {
              content: pictures.content,
              style: pictures.styles[0]!,
              picture: pictures.initial,
            })
          : refinedPicture(picture, pictures.content, scale, settings.init);
      const canvas = addMirroredMargin(start, scale.margin);
      const matching = await this.matching(canvas, style, regions);
      factors =
        index === first && resume !== undefined
          ? resume.factors
          : await this.factors(canvas, targets, matching, regions);
      const program = await this.program('loss', canvas, pictureLoss, regions?.loss);
      await program.bind({ ...targets, ...factorValues(program, factors) });
      stage('optimize');
      outcome = await optimizeScale({
        objective: objectiveOf(program, matching),
        settings,
        start: canvas,
        margin: scale.margin,
        scale: index,
        scales: plan.scales.length,
        steps: scale.iterations,
        done: plan.scales.slice(0, index).reduce((sum, { iterations }) => sum + iterations, 0),
        total,
        curve,
        elapsed: () => before + performance.now() - started,
        resume: index === first ? resume : undefined,
        signal: work.signal,
        onProgress: (event, standing) => {
          const state = (): StylizeState => {
            const now = standing();
            return stateAt(index, now, evaluations + now.evaluations);
          };
          work.onProgress?.({ ...event, image: () => presentation.of(event.image()), state });
        },
      });
      picture = outcome.image;
      evaluations += outcome.evaluations;
      if (outcome.stopped !== 'finished') break;
    }
    const last = outcome!;
    return {
      image: presentation.of(resizeImage(last.image, plan.width, plan.height)),
      stopped: last.stopped,
      losses: last.losses,
      iterations: curve.length,
      evaluations,
      curve,
      plan,
      settings,
      state: stateAt(Math.min(index, plan.scales.length - 1), last, evaluations),
    };
  }

  /** Frees the compiled graphs. */
  async dispose(): Promise<void> {
    await this.programs.dispose();
  }

  /** The photograph's features at the size of a scale. */
  private async content(photograph: Image, { margin }: Scale): Promise<OutputValues> {
    const canvas = addMirroredMargin(photograph, margin);
    return this.evaluate('content', canvas, contentTargets);
  }

  private async style(
    pictures: readonly Image[],
    scale: Scale,
    blend: readonly number[],
    regions: ScaleRegions | undefined,
  ): Promise<StyleStatistics> {
    const styles = [];
    for (const [index, style] of pictures.entries()) {
      styles.push(
        regions === undefined
          ? await this.styleStatistics(style, scale)
          : await this.regionStatistics(style, scale, regions.loss, regions.styles[index]!),
      );
    }
    return blendStatistics(styles, blend);
  }

  private async styleStatistics(style: Image, scale: Scale): Promise<StyleStatistics> {
    const known = this.styleValues.get(style) ?? new Map<string, StyleStatistics>();
    this.styleValues.set(style, known);
    const { width, height } = paintingSize(style, scale);
    const key = `${width}x${height}`;
    const layers = activeHistogramLayers(this.settings);
    const values =
      known.get(key) ??
      readStatistics(
        await this.evaluate('style', resizeImage(style, width, height), styleTargets),
        this.weights,
        layers,
      );
    known.set(key, values);
    return values;
  }

  private async regionStatistics(
    style: Image,
    scale: Scale,
    loss: readonly LossRegion[],
    guides: RegionGuides,
  ): Promise<StyleStatistics> {
    const { width, height } = paintingSize(style, scale);
    const regions = loss.filter(({ region }) => guides.regions.includes(region));
    const picture = resizeImage(style, width, height);
    const values = await this.evaluate('style', picture, styleTargets, regions, guides);
    const layers = activeHistogramLayers(this.settings);
    return readStatistics(values, this.weights, layers, { regions, guides });
  }

  /** What remaps the picture's activations, where the histogram loss counts. */
  private async matching(
    canvas: Image,
    { distributions }: StyleStatistics,
    regions: ScaleRegions | undefined,
  ): Promise<ActivationMatching | undefined> {
    const layers = activeHistogramLayers(this.settings);
    if (layers.length === 0) return undefined;
    const program = await this.program('activations', canvas, pictureActivations);
    return new ActivationMatching(program, matchedLayers(layers, distributions, this.weights, regions));
  }

  /** The factors of the terms for a scale, from where its work begins. */
  private async factors(
    canvas: Image,
    targets: OutputValues,
    matching: ActivationMatching | undefined,
    regions: ScaleRegions | undefined,
  ): Promise<TermFactors> {
    if (!this.settings.autoTune) return {};
    const program = await this.program('gradients', canvas, termGradients, regions?.loss);
    await program.bind(targets);
    const factors = await tunedFactors(program, matching, canvas.rgb);
    await this.programs.drop(programKey('gradients', canvas, regions?.loss));
    return factors;
  }

  /** What a graph makes of a picture. */
  private async evaluate(
    name: string,
    image: Image,
    build: GraphBuilder,
    regions?: readonly LossRegion[],
    guides?: RegionGuides,
  ): Promise<OutputValues> {
    const { width, height } = image;
    if (Object.keys(build(this.weights, this.settings, width, height, regions)).length === 0) return {};
    const program = await this.program(name, image, build, regions);
    return program.run({
      [pictureInput]: image.rgb,
      ...(guides && guideValues(guides, regions!, this.weights)),
    });
  }

  /** The compiled graph for pictures of a size, and for regions. */
  private program(
    name: string,
    { width, height }: Pick<Image, 'width' | 'height'>,
    build: GraphBuilder,
    regions?: readonly LossRegion[],
  ): Promise<Program> {
    const graph = (): NamedTensors => build(this.weights, this.settings, width, height, regions);
    return this.programs.get(programKey(name, { width, height }, regions), graph);
  }
}

const programKey = (
  name: string,
  { width, height }: Pick<Image, 'width' | 'height'>,
  regions: readonly LossRegion[] | undefined,
): string => `${name} ${width}x${height} ${regions === undefined ? '' : JSON.stringify(regions)}`;

type GraphBuilder = (
  weights: VggWeights,
  settings: StylizeSettings,
  width: number,
  height: number,
  regions?: readonly LossRegion[],
) => NamedTensors;
