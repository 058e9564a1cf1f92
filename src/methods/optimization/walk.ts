import { abortError } from '../../abort.js';
import { StyleError } from '../../errors.js';
import { createImage, type Image } from '../../images/image.js';
import { removeMargin } from '../../images/margin.js';
import type { Losses, LossTerm, TermFactors } from '../../losses/terms.js';
import type { PlannedScale } from '../plan.js';
import type { IterationProgress, ProgressListener, StageProgress } from '../progress.js';
import { optimizePicture, type OptimizationOutcome, type OptimizationStanding } from './optimize-picture.js';
import { compactOptimizer, type OptimizationSettings } from './optimizer-settings.js';
import type { CompiledObjective } from './picture-objective.js';
import { stateError, type CurvePoint, type WalkState } from './walk-state.js';

/** What one scale is optimised with. */
export interface ReadyScale extends CompiledObjective {
  /** The picture to start from, with its margin. */
  readonly start: Image;
  /** Targets that are found anew after some steps, from the picture as it stands. The optimiser begins anew then, too. */
  readonly rounds?: {
    readonly steps: number;
    begin(canvas: Image): Promise<void>;
  };
}

/** Tells which stage a scale is at. */
export type StageListener = (stage: StageProgress['stage']) => void;

/** An optimisation from coarse to fine. */
export interface Walk<Scale extends PlannedScale> {
  readonly scales: readonly Scale[];
  readonly settings: OptimizationSettings;
  /**
   * Prepares a scale: first its targets, then, once that stage is reported, the compiled loss. A function of its arguments,
   * so that a resumed walk prepares the same again.
   * @param earlier the pictures of the scales before, without their margins
   */
  prepare(scale: Scale, earlier: readonly Image[], onStage: StageListener): Promise<ReadyScale>;
  /** How a picture on the way is shown. @defaultValue as it is */
  present?(image: Image, scale: Scale): Image;
  /** What tells whether a saved state belongs to this walk; asked for only when a state is saved or resumed. */
  fingerprint(): string;
}

export interface WalkControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly resume?: WalkState | undefined;
  /** Makes a state the bytes of a file. */
  encodeState(state: WalkState): Uint8Array;
}

/** Where a walk ended. */
export interface WalkOutcome {
  /** The pictures of the scales that were begun, without their margins. */
  readonly images: readonly Image[];
  readonly stopped: OptimizationOutcome['stopped'];
  /** Weighted, of the last picture with its margin. */
  readonly losses: Losses;
  /** Those of every picture, the last one's included. */
  readonly allLosses: readonly Losses[];
  /** Steps done, and evaluations of the loss that they took. */
  readonly iterations: number;
  readonly evaluations: number;
  /** The losses of every step, in order. */
  readonly curve: readonly CurvePoint[];
  /** Copies what the optimiser holds, when it is asked for. */
  state(): WalkState;
}

/** Hands an event of a step out, and refuses what is asked of it when the step is over: the numbers are others by then. */
async function handOut(event: IterationProgress, onProgress: ProgressListener | undefined): Promise<void> {
  let isOver = false;
  const whileCurrent =
    <Value>(name: string, compute: () => Value) =>
    (): Value => {
      if (!isOver) return compute();
      throw new StyleError(
        'E_ARGUMENT',
        `${name}() of iteration ${event.iteration} was called when the run had gone on from there.`,
        'Call it in the listener or in the body of the loop, while the event is handed out.',
      );
    };
  const { image, state } = event;
  try {
    await onProgress?.({
      ...event,
      image: whileCurrent('image', image),
      state: whileCurrent('state', state),
    });
  } finally {
    isOver = true;
  }
}

const otherState = 'The saved state belongs to other pictures, another network or other settings.';

/**
 * Optimises a picture from coarse to fine. Ends at the first scale that does not finish, with the best picture so far.
 * @throws AbortError when the signal ends it before the first step; StyleError `E_STATE` for a state of another walk
 */
export async function runWalk<Scale extends PlannedScale>(
  walk: Walk<Scale>,
  { signal, onProgress, resume, encodeState }: WalkControl,
): Promise<WalkOutcome> {
  const { scales } = walk;
  if (resume !== undefined && (resume.scale >= scales.length || resume.fingerprint !== walk.fingerprint())) {
    throw stateError(otherState);
  }
  const started = performance.now() - (resume?.curve.at(-1)?.elapsed ?? 0);
  const elapsed = (): number => performance.now() - started;
  const curve: CurvePoint[] = [...(resume?.curve ?? [])];
  const images: Image[] = [...(resume?.earlier ?? [])];
  const allLosses: Losses[] = [...(resume?.earlierLosses ?? [])];
  const iterations = scales.reduce((sum, scale) => sum + scale.iterations, 0);
  let evaluations = resume?.evaluations ?? 0;
  let pending = resume;
  const last: { outcome: OptimizationOutcome | undefined; state: (() => WalkState) | undefined } = {
    outcome: undefined,
    state: undefined,
  };
  for (let index = resume?.scale ?? 0; index < scales.length; index += 1) {
    const scale = scales[index]!;
    const { width, height, margin } = scale;
    const earlier = [...images];
    const earlierLosses = [...allLosses];
    const place = { scale: index, scales: scales.length, width, height };
    const onStage: StageListener = (stage) => onProgress?.({ type: 'stage', stage, ...place });
    // What the scale before was optimised with is not to be held while this one is.
    Object.assign(last, { outcome: undefined, state: undefined });
    onStage('targets');
    // The picture that the next round begins with; nothing holds it while it is optimised.
    const starts: Image[] = [];
    const ready = await walk.prepare(scale, earlier, onStage).then(({ start, ...rest }) => {
      starts.push(start);
      return rest;
    });
    try {
      let done = 0;
      if (pending !== undefined) {
        const start = starts.pop()!;
        for (const { length } of [pending.variable, pending.best.variable]) {
          if (length !== start.rgb.length) throw stateError(otherState);
        }
        done = pending.done;
        starts.push(
          pending.start === undefined ? start : createImage(start.width, start.height, pending.start),
        );
      }
      const before = scales.slice(0, index).reduce((sum, one) => sum + one.iterations, 0);
      do {
        if (ready.rounds !== undefined) {
          onStage('targets');
          await ready.rounds.begin(starts[0]!);
        }
        onStage('optimize');
        const begun = { done, start: ready.rounds === undefined ? undefined : starts[0]!.rgb };
        const evaluatedBefore = evaluations;
        const stateOf = ({ optimization, evaluations: counted }: OptimizationStanding): WalkState => ({
          ...optimization,
          ...begun,
          scale: index,
          forms: scales.map(({ window, history, compact }) => ({ window, history, compact })),
          earlier,
          earlierLosses,
          evaluations: evaluatedBefore + counted,
          curve: [...curve],
          factors: ready.factors?.(),
          fingerprint: walk.fingerprint(),
        });
        const ended = await optimizePicture({
          objective: ready.objective,
          settings: rememberingSettings(walk.settings, scale),
          start: () => starts.pop()!,
          steps: Math.min(ready.rounds?.steps ?? Infinity, scale.iterations - done),
          resume: pending,
          isOtherLoss: pending !== undefined && !sameFactors(pending.factors, ready.factors?.()),
          reweigh: ready.reweigh,
          signal,
          onStep: ({ step, losses, milliseconds, picture, standing }) => {
            const iteration = before + done + step;
            curve.push({ ...losses, iteration, scale: index, elapsed: elapsed() });
            const event: IterationProgress = {
              type: 'iteration',
              ...place,
              iteration,
              iterations,
              losses,
              elapsed: elapsed(),
              milliseconds,
              image: () => {
                const image = removeMargin(picture(), margin);
                return walk.present?.(image, scale) ?? image;
              },
              state: () => encodeState(stateOf(standing())),
            };
            return handOut(event, onProgress);
          },
        });
        last.outcome = ended;
        last.state = () => stateOf(ended.standing());
        evaluations += ended.evaluations;
        pending = undefined;
        if (ended.stopped !== 'finished') break;
        done += ready.rounds?.steps ?? scale.iterations;
        if (done < scale.iterations) starts.push(ended.end());
      } while (done < scale.iterations);
    } finally {
      await ready.dispose();
    }
    const { stopped, image, losses } = last.outcome!;
    if (stopped === 'cancelled' && curve.length === 0) throw abortError(signal);
    images.push(removeMargin(image, margin));
    allLosses.push(losses);
    if (stopped !== 'finished') break;
  }
  const { stopped, losses } = last.outcome!;
  return {
    images,
    stopped,
    losses,
    allLosses,
    iterations: curve.length,
    evaluations,
    curve,
    state: last.state!,
  };
}

const sameFactors = (one: TermFactors = {}, other: TermFactors = {}): boolean =>
  (Object.keys({ ...one, ...other }) as LossTerm[]).every((term) => (one[term] ?? 1) === (other[term] ?? 1));

/** Settings with the optimiser that a scale has room for. */
export function rememberingSettings(
  settings: OptimizationSettings,
  { history, compact }: PlannedScale,
): OptimizationSettings {
  const { optimizer } = settings;
  if (compact === true) return { ...settings, optimizer: compactOptimizer };
  if (history === undefined || !('history' in optimizer)) return settings;
  return { ...settings, optimizer: { ...optimizer, history } };
}
