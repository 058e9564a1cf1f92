import { StyleError } from '../../errors.js';
import { estimateCost, type Cost, type NamedTensors } from '../../graph/index.js';
import type { Image, Size } from '../../images/image.js';
import type { Losses } from '../../losses/terms.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import {
  picturesOf,
  type Method,
  type MethodOutcome,
  type MethodSubject,
  type MethodTask,
  type PictureOutcome,
  type PictureSet,
} from '../method.js';
import type { MethodPlan, PlannedScale, ScalePlan } from '../plan.js';
import { fingerprint } from './fingerprint.js';
import {
  measuredInWindows,
  noOptimizer,
  optimizationMemory,
  picturesMemory,
  resultMemory,
} from './memory.js';
import type { OptimizationSettings } from './optimizer-settings.js';
import { rememberingSettings, runWalk, type Walk } from './walk.js';
import { decodeWalkState, encodeWalkState, type CurvePoint, type ScaleForm } from './walk-state.js';

/** A picture that was optimised, and how that went. */
export interface OptimizedPicture extends PictureOutcome {
  /** Weighted, of the picture at the finest size that it was optimised at, margin included. */
  readonly losses: Losses;
  /** The losses of each picture where there are several in one, such as those of a figure. */
  readonly parts?: readonly PicturePart[];
  /** Steps done, and evaluations of the loss that they took. */
  readonly iterations: number;
  readonly evaluations: number;
  /** The losses of every step, in order. */
  readonly curve: readonly CurvePoint[];
  /** The state to resume from, as the bytes of a file. */
  state(): Uint8Array;
}

/** One of several pictures that a result is put together from: what it is, and its losses. */
export interface PicturePart {
  readonly label: string;
  readonly losses: Losses;
}

/** Graphs that are in memory together, and what is computed with them. */
export interface GraphUse {
  /** The role of the picture that they are about, and its size then. */
  readonly role: string;
  readonly size: Size;
  /** Which of several pictures of the role it is, from 0. @defaultValue the first */
  readonly index?: number;
  /** @throws StyleError `E_IMAGE_SIZE` when the picture is too small for a layer */
  graphs(): readonly NamedTensors[];
  /** How often they run. */
  readonly runs: number;
  /** How often each of them does in one of these runs, such as once for each window. @defaultValue once */
  readonly times?: readonly number[] | undefined;
  /** Graphs that stay in memory beside them and run now and then. */
  readonly beside?: () => readonly NamedTensors[];
  /**
   * Bytes of what is computed with outside the graphs meanwhile.
   * @param isCompact whether the scale is, see `CanvasSize`
   * @defaultValue 0
   */
  readonly hostBytes?: (isCompact: boolean) => number;
  /** Whether the picture is only measured: then no optimiser keeps pictures of this size. */
  readonly isMeasured?: boolean;
}

/** The stages of a run that depend on its pictures. */
export interface WalkStages<Scale extends PlannedScale> extends Pick<Walk<Scale>, 'prepare' | 'present'> {
  /** The result, from the pictures of the scales that were begun. */
  finish(images: readonly Image[]): Image;
}

/** What is particular to a method that optimises a picture from coarse to fine. */
export interface WalkDefinition<
  Options extends object,
  Settings extends OptimizationSettings,
  Pictures extends object,
  Scale extends PlannedScale,
> extends Omit<Method<Options, Settings, Pictures, MethodOutcome>, 'plan' | 'run' | 'output' | 'network'> {
  readonly network?: (settings: Settings) => string | undefined;
  /** Settings beside `iterations` that are numbers of steps: a resumed run may have others. */
  readonly stepSettings?: readonly (keyof Settings & string)[];
  /** The scales and the size of the result. */
  scales(subject: MethodSubject<Settings, Pictures>, weights: VggWeights): ScalePlan<Scale>;
  /** The graphs of a scale, for memory and time. */
  graphs(scale: Scale, weights: VggWeights, subject: MethodSubject<Settings, Pictures>): readonly GraphUse[];
  /** Checks the pictures, and says how a run goes. */
  begin(
    task: MethodTask<Settings, Pictures>,
    pictures: Pictures,
    plan: ScalePlan<Scale>,
  ): WalkStages<Scale> | Promise<WalkStages<Scale>>;
}

/** The sides of windows, and steps that are remembered, which a scale may have where it doesn't fit at once. */
const windowSides = [2048, 1536, 1024, 768, 512, 384, 256];
const fewerRemembered = [3, 1];

/**
 * From what costs the least time to what takes the least memory. Fewer steps remembered come before smaller windows: after seventeen
 * steps at 512 pixels the loss is 1.7 % higher with three of them than with eight, and 2.7 % with one, while windows take half as long
 * again. Compact forms come last: they compare with targets in half precision, and keep no best picture.
 */
function smallerForms(longSide: number): ScaleForm[] {
  const sides = windowSides.filter((side) => side < longSide);
  const remembering = [undefined, ...sides].flatMap((window) =>
    fewerRemembered.map((history) => ({ ...(window && { window }), history })),
  );
  return [...remembering, ...sides.map((window) => ({ window, compact: true }))];
}

/** Scales as they were computed before: a resumed run ends at the bytes of one that was not stopped, whatever memory there is now. */
const inForms = <Scale extends PlannedScale>(
  scales: readonly Scale[],
  forms: readonly ScaleForm[] | undefined,
): readonly Scale[] =>
  scales.map((scale, index) => {
    const form = forms?.[index];
    if (form === undefined) return scale;
    const { window, history, compact } = form;
    return { ...scale, window, history, compact };
  });

/**
 * A method that optimises a picture from coarse to fine: with plan, saved states and resuming.
 * @example
 * ```ts
 * import type { RawImage } from 'pastiche';
 * import { graph, lossWithGradient, objectiveOf, pictureOf, walkMethod } from 'pastiche/engine';
 * import type { OptimizationSettings, PlannedScale } from 'pastiche/engine';
 * import { z } from 'zod';
 *
 * type Settings = OptimizationSettings & { iterations: number };
 * const loss = (size: { width: number; height: number }) => {
 *   const picture = pictureOf(size);
 *   const off = graph.subtract(graph.mean(picture), 0.75);
 *   return { ...lossWithGradient({ content: graph.square(off) }, picture) };
 * };
 * const brighten = walkMethod<object, Settings, { picture: RawImage }, PlannedScale>({
 *   name: 'brighten',
 *   description: 'make a picture lighter',
 *   roles: [{ name: 'picture', description: 'the picture', argument: true }],
 *   options: z.strictObject({}),
 *   examples: [],
 *   resolve: () => ({ iterations: 20, optimizer: { name: 'bounded', history: 8 } }),
 *   scales: ({ settings: { iterations }, pictures: { picture } }) => {
 *     const { width, height } = picture;
 *     return { width, height, scales: [{ width, height, iterations, margin: 0 }] };
 *   },
 *   graphs: (scale) => [{ role: 'picture', size: scale, graphs: () => [loss(scale)], runs: scale.iterations }],
 *   begin: ({ programs }, { picture }) => ({
 *     async prepare(scale) {
 *       const program = await programs.acquire('loss', () => loss(scale));
 *       return { objective: objectiveOf(program), start: picture, dispose: () => programs.release(program) };
 *     },
 *     finish: ([image]) => image!,
 *   }),
 *   terms: () => ['content'],
 *   describe: () => ({ title: 'Brightened', before: 'picture', facts: [] }),
 * });
 * ```
 */
export function walkMethod<
  Options extends object,
  Settings extends OptimizationSettings,
  Pictures extends object,
  Scale extends PlannedScale,
>(
  definition: WalkDefinition<Options, Settings, Pictures, Scale>,
): Method<Options, Settings, Pictures, OptimizedPicture> {
  const { scales, graphs, begin, stepSettings, ...method } = definition;

  /**
   * The scales whose pictures all layers can be reached in; those that are left out are only coarser than the finest. One of
   * the same size, such as a first pass, is no step on the way that can be done without.
   */
  function usableScales(subject: MethodSubject<Settings, Pictures>, weights: VggWeights): ScalePlan<Scale> {
    const planned = scales(subject, weights);
    const finest = planned.scales.at(-1)!;
    const isUsable = (scale: Scale): boolean => {
      const isCoarser = scale.width < finest.width || scale.height < finest.height;
      if (!isCoarser || scale.label !== undefined) return true;
      try {
        graphs(scale, weights, subject).forEach((use) => use.graphs());
        return true;
      } catch (error) {
        if (error instanceof StyleError && error.code === 'E_IMAGE_SIZE') return false;
        throw error;
      }
    };
    const usable = planned.scales.filter(isUsable);
    if (usable.length === planned.scales.length) return planned;
    // The first one has to do what those before it would have done; of steps asked for in one number none is lost.
    const first = planned.scales.slice(0, planned.scales.length - usable.length + 1);
    const steps = first.map((scale) => scale.iterations);
    const { totalIterations, iterations: given } = subject.settings as {
      readonly totalIterations?: unknown;
      readonly iterations?: unknown;
    };
    const isTotal = typeof (totalIterations ?? given) === 'number';
    const iterations = isTotal ? steps.reduce((sum, one) => sum + one) : Math.max(...steps);
    return { ...planned, scales: [{ ...usable[0]!, iterations }, ...usable.slice(1)] };
  }

  /** @throws StyleError `E_IMAGE_SIZE` that names the picture and the size that reaches the layer */
  function costsOf(
    use: GraphUse,
    subject: MethodSubject<Settings, Pictures>,
  ): { running: Cost[]; beside: Cost[] } {
    try {
      const costs = (graphs: readonly NamedTensors[] = []): Cost[] =>
        graphs.map((graph) => estimateCost(graph));
      return { running: costs(use.graphs()), beside: costs(use.beside?.()) };
    } catch (error) {
      if (!(error instanceof StyleError) || error.code !== 'E_IMAGE_SIZE') throw error;
      const { [use.index ?? 0]: picture } = picturesOf(subject.pictures as PictureSet, use.role);
      const isImage = picture !== undefined && typeof picture !== 'string';
      const name = isImage && picture.name !== undefined ? `"${picture.name}"` : `The picture ${use.role}`;
      const full = isImage ? `, which is ${picture.width}x${picture.height},` : '';
      throw new StyleError(
        'E_IMAGE_SIZE',
        `${name}${full} is looked at in ${use.size.width}x${use.size.height}: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`,
        'Use a larger size, a part of the picture that is less narrow, or layers of lower blocks.',
        { cause: error },
      );
    }
  }

  /** What a scale takes, beside the pictures that are there all the time: operations, and memory in forms of its windows. */
  function scaleCost(
    scale: Scale,
    subject: MethodSubject<Settings, Pictures>,
    weights: VggWeights,
  ): { readonly operations: number; memoryBytes(form: Omit<ScaleForm, 'window'>): number } {
    const uses = graphs(scale, weights, subject).map((use) => {
      const { running, beside } = costsOf(use, subject);
      const sum = (part: keyof Cost): number =>
        [...running, ...beside].reduce((so, cost) => so + cost[part], 0);
      const operations = running.reduce((so, cost, i) => so + (use.times?.[i] ?? 1) * cost.operations, 0);
      const cost = { operations, peakBytes: sum('peakBytes'), constantBytes: sum('constantBytes') };
      return { use, cost };
    });
    return {
      operations: uses.reduce((total, { use, cost }) => total + use.runs * cost.operations, 0),
      memoryBytes({ history, compact = false }) {
        const { optimizer } = rememberingSettings(subject.settings, { ...scale, history, compact });
        const needs = uses.map(({ use, cost }) => {
          const isMeasured = use.isMeasured === true;
          const keeping = isMeasured
            ? use.times === undefined
              ? noOptimizer
              : measuredInWindows
            : optimizer;
          const taken = optimizationMemory(cost, keeping, use.size, scale.iterations);
          return taken + (use.hostBytes?.(compact) ?? 0);
        });
        return Math.max(0, ...needs);
      },
    };
  }

  /**
   * A scale as it fits into memory: at once, with fewer steps remembered, or else in the largest windows that do.
   * @param room bytes that there are
   * @param goal bytes that are enough where some form keeps to them
   */
  function fittedScale(
    scale: Scale,
    subject: MethodSubject<Settings, Pictures>,
    weights: VggWeights,
    { room, goal }: { readonly room: number; readonly goal: number },
  ): { scale: Scale; memoryBytes: number; operations: number } {
    const costs = new Map<number | undefined, ReturnType<typeof scaleCost>>();
    const costed = (one: Scale): ReturnType<typeof fittedScale> => {
      const cost = costs.get(one.window) ?? scaleCost(one, subject, weights);
      costs.set(one.window, cost);
      return { scale: one, operations: cost.operations, memoryBytes: cost.memoryBytes(one) };
    };
    let best = costed(scale);
    let fitting = best.memoryBytes <= room ? best : undefined;
    for (const change of smallerForms(Math.max(scale.width, scale.height))) {
      if (best.memoryBytes <= goal) break;
      let smaller: typeof best;
      try {
        smaller = costed({ ...scale, ...change });
      } catch (error) {
        if (error instanceof StyleError && error.code === 'E_GRAPH') break;
        throw error;
      }
      if (smaller.memoryBytes < best.memoryBytes) best = smaller;
      if (best.memoryBytes <= room) fitting ??= best;
    }
    return best.memoryBytes <= goal ? best : (fitting ?? best);
  }

  function fittedScales(
    subject: MethodSubject<Settings, Pictures>,
    weights: VggWeights,
  ): ScalePlan<Scale> & { readonly memoryBytes: number; readonly operations: number } {
    const planned = usableScales(subject, weights);
    const sources = picturesMemory(subject.pictures as PictureSet);
    const room = (subject.memoryLimit ?? Infinity) - sources;
    const fitted = planned.scales.map((scale) => {
      const goal = Math.min(room, (scale.memoryGoal ?? Infinity) - sources);
      return fittedScale(scale, subject, weights, { room, goal });
    });
    const most = Math.max(resultMemory(planned), ...fitted.map(({ memoryBytes }) => memoryBytes));
    return {
      ...planned,
      scales: fitted.map(({ scale }) => scale),
      memoryBytes: sources + most,
      operations: fitted.reduce((sum, { operations }) => sum + operations, 0),
    };
  }

  const plan = (subject: MethodSubject<Settings, Pictures>, weights: VggWeights | undefined): MethodPlan =>
    fittedScales(subject, weights!);

  async function run(task: MethodTask<Settings, Pictures>): Promise<OptimizedPicture> {
    const { settings, pictures, weights, signal, onProgress } = task;
    const subject = { settings, pictures };
    const planned =
      task.scales === undefined
        ? usableScales(subject, weights)
        : { ...scales(subject, weights), scales: task.scales as readonly Scale[] };
    const resume = task.resume && decodeWalkState(definition.name, task.resume);
    const formed = { ...planned, scales: inForms(planned.scales, resume?.forms) };
    const stages = await begin(task, pictures, formed);
    let known: string | undefined;
    const fingerprintOf = (): string =>
      (known ??= fingerprint(settings, weights, pictures as PictureSet, stepSettings));
    const { images, allLosses, state, ...outcome } = await runWalk(
      { scales: formed.scales, settings, fingerprint: fingerprintOf, ...stages },
      { signal, onProgress, resume, encodeState: (one) => encodeWalkState(definition.name, one) },
    );
    const parts = planned.scales.slice(0, images.length).flatMap(({ label }, index) => {
      return label === undefined ? [] : [{ label, losses: allLosses[index]! }];
    });
    return {
      ...outcome,
      ...(parts.length === 0 ? {} : { parts }),
      image: stages.finish(images),
      state: () => encodeWalkState(definition.name, state()),
    };
  }

  const network = (): undefined => undefined;
  return { network, ...method, stepwise: () => true, output: { kind: 'picture' }, plan, run };
}
