import { StyleError } from '../../errors.js';
import { resizeImage, resizePlanes } from '../../images/resize.js';
import { createImage, type Image } from '../../images/image.js';
import { addMirroredMargin } from '../../images/margin.js';
import type { NamedTensors } from '../../graph/index.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { IterationProgress, Losses, StageProgress } from '../../progress.js';
import type { OutputValues, Program, Runtime } from '../../runtime/runtime.js';
import {
  optimizeScale,
  type CurvePoint,
  type PictureObjective,
  type ScaleOutcome,
  type ScaleStanding,
} from '../optimize-scale.js';
import { initialPicture } from './initial-picture.js';
import { resolveStylizeSettings, type StylizeOptions, type StylizeSettings } from './options.js';
import { contentTargets, pictureInput, pictureLoss, styleTargets } from './picture-loss.js';
import { checkResume, fingerprint, type StylizeState } from './saved-state.js';
import { canvasSize, planScales, type Scale, type ScalePlan } from './scales.js';

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

export interface StylizeResult {
  /** The picture, with the photograph's transparency. */
  readonly image: Image;
  /** `finished`; `cancelled` by the signal; `diverged` when the loss was no longer a number, with the last good picture. */
  readonly stopped: 'finished' | 'cancelled' | 'diverged';
  /** Losses of the picture at the finest size worked at, margin included, weighted. */
  readonly losses: Losses;
  /** Steps done, and evaluations of the loss that they took. */
  readonly iterations: number;
  readonly evaluations: number;
  /** The losses of every step, in order. */
  readonly curve: readonly CurvePoint[];
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
  private readonly programs = new Map<string, Program>();
  private readonly styleValues = new WeakMap<Image, Map<string, OutputValues>>();
  private keptPrograms = 1;

  /**
   * @param runtime stays the caller's, who disposes it
   * @throws StyleError `E_ARGUMENT` for an option that can't be used, `E_LAYER` for a layer that the network doesn't have
   */
  constructor(
    private readonly runtime: Runtime,
    private readonly weights: VggWeights,
    options: StylizeOptions = {},
  ) {
    this.settings = resolveStylizeSettings(options);
    if (this.settings.contentWeight + this.settings.styleWeight + this.settings.totalVariationWeight === 0) {
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
    this.keptPrograms = work.keepGraphs === true ? keptPrograms : 1;
    const blend = blendWeights(settings.styleBlend, work.styles.length);
    const plan = planScales(work.content, settings);
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
    const stateAt = (scale: number, { state }: ScaleStanding, evaluated: number): StylizeState => ({
      ...state,
      scale,
      evaluations: evaluated,
      curve: [...curve],
      fingerprint: belongsTo(),
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
      const targets = await this.targets(work, scale, blend);
      stage('compile');
      const canvas = canvasSize(scale);
      const program = await this.program(`loss ${canvas.width}x${canvas.height}`, () =>
        pictureLoss(this.weights, settings, canvas.width, canvas.height),
      );
      await program.bind(targets);
      stage('optimize');
      const start =
        picture === undefined
          ? initialPicture(settings, scale.width, scale.height, {
              content: work.content,
              style: work.styles[0]!,
              picture: work.initial,
            })
          : refine(picture, work.content, scale, settings.init);
      outcome = await optimizeScale({
        objective: objectiveOf(program),
        settings,
        start: addMirroredMargin(start, scale.margin),
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
          work.onProgress?.({ ...event, state });
        },
      });
      picture = outcome.image;
      evaluations += outcome.evaluations;
      if (outcome.stopped !== 'finished') break;
    }
    const last = outcome!;
    return {
      image: finish(last.image, work.content, plan),
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
    const programs = [...this.programs.values()];
    this.programs.clear();
    await Promise.all(programs.map((program) => program.dispose()));
  }

  private async targets(work: StylizeInput, scale: Scale, blend: readonly number[]): Promise<OutputValues> {
    const content = addMirroredMargin(resizeImage(work.content, scale.width, scale.height), scale.margin);
    const { width, height } = content;
    const features = await this.evaluate(`content ${width}x${height}`, content, () =>
      contentTargets(this.weights, this.settings, width, height),
    );
    const styles = [];
    for (const style of work.styles) styles.push(await this.styleStatistics(style, scale.styleLongSide));
    return { ...features, ...blendStatistics(styles, blend) };
  }

  private async styleStatistics(style: Image, longSide: number): Promise<OutputValues> {
    const known = this.styleValues.get(style) ?? new Map<string, OutputValues>();
    this.styleValues.set(style, known);
    const ratio = longSide / Math.max(style.width, style.height);
    const [width, height] = [style.width, style.height].map((side) =>
      Math.max(1, Math.round(side * ratio)),
    ) as [number, number];
    const key = `style ${width}x${height}`;
    const values =
      known.get(key) ??
      (await this.evaluate(key, resizeImage(style, width, height), () =>
        styleTargets(this.weights, this.settings, width, height),
      ));
    known.set(key, values);
    return values;
  }

  private async evaluate(key: string, image: Image, build: () => NamedTensors): Promise<OutputValues> {
    const outputs = build();
    if (Object.keys(outputs).length === 0) return {};
    const program = await this.program(key, () => outputs);
    return program.run({ [pictureInput]: image.rgb });
  }

  /** The program of a key, compiled at its first use. Those unused for longest give way before it takes memory. */
  private async program(key: string, build: () => NamedTensors): Promise<Program> {
    const known = this.programs.get(key);
    if (known === undefined) {
      const surplus = Math.max(0, this.programs.size - this.keptPrograms + 1);
      for (const [unused, old] of [...this.programs].slice(0, surplus)) {
        this.programs.delete(unused);
        await old.dispose();
      }
    }
    const program = known ?? (await this.runtime.compile(build()));
    this.programs.delete(key);
    this.programs.set(key, program);
    return program;
  }
}

/** The compiled loss as what the optimiser asks. */
function objectiveOf(program: Program): PictureObjective {
  return async (rgb) => {
    const values = await program.run({ [pictureInput]: rgb });
    const value = (name: keyof Losses): number => values[name]![0]!;
    return {
      losses: {
        total: value('total'),
        content: value('content'),
        style: value('style'),
        totalVariation: value('totalVariation'),
      },
      gradient: values['gradient']!,
    };
  };
}

/** The blend of several styles as parts of 1. */
function blendWeights(blend: readonly number[] | undefined, count: number): number[] {
  if (count === 0) throw new StyleError('E_ARGUMENT', 'No style picture was given.', 'Give at least one.');
  const weights = blend ?? new Array<number>(count).fill(1);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (weights.length !== count || sum === 0) {
    throw new StyleError(
      'E_ARGUMENT',
      `The style blend ${weights.join(',')} doesn't fit ${count} style picture(s).`,
      'Give one weight for each style, not all 0.',
    );
  }
  return weights.map((weight) => weight / sum);
}

/**
 * Several paintings as one target: the weighted mean of their statistics. A weighted sum of squared distances to several
 * targets is the squared distance to their weighted mean plus a constant, so this is the blend of the losses.
 */
function blendStatistics(styles: readonly OutputValues[], blend: readonly number[]): OutputValues {
  if (styles.length === 1) return styles[0]!;
  return Object.fromEntries(
    Object.keys(styles[0]!).map((layer) => {
      const mixed = new Float32Array(styles[0]![layer]!.length);
      styles.forEach((style, index) =>
        style[layer]!.forEach((value, i) => (mixed[i]! += blend[index]! * value)),
      );
      return [layer, mixed];
    }),
  );
}

/**
 * The start at a finer scale. Where the picture began as the photograph only its change is enlarged and added to the
 * photograph at the finer size: that keeps the photograph's detail, which enlarging the picture itself would blur.
 */
function refine(
  coarse: Image,
  content: Image,
  { width, height }: Scale,
  init: StylizeSettings['init'],
): Image {
  if (init !== 'content') return resizeImage(coarse, width, height);
  const before = resizeImage(content, coarse.width, coarse.height).rgb;
  const change = coarse.rgb.map((value, i) => value - before[i]!);
  const enlarged = resizePlanes(change, 3, coarse.height, coarse.width, height, width);
  const rgb = resizeImage(content, width, height).rgb.map((value, i) =>
    Math.min(Math.max(value + enlarged[i]!, 0), 1),
  );
  return createImage(width, height, rgb);
}

/** The picture at the size of the result, with the photograph's transparency. */
function finish(image: Image, content: Image, plan: ScalePlan): Image {
  const { rgb, width, height } = resizeImage(image, plan.width, plan.height);
  return createImage(
    width,
    height,
    rgb,
    content.alpha === undefined ? undefined : resizeImage(content, width, height).alpha,
  );
}
