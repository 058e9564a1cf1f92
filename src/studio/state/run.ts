import { batch, computed, signal } from '@preact/signals';
import { abortError, isAbortError } from '../../abort.js';
import { StyleError } from '../../errors.js';
import type { CanvasPixels } from '../../images/pixels.js';
import type { TermFactors } from '../../losses/terms.js';
import type { CurvePoint } from '../../methods/optimization/walk-state.js';
import type { RunAnswer, RunEvent } from '../engine/engine-calls.js';
import { dropCheckpoints, keepCheckpoint, latest, type Checkpoint } from './checkpoints.js';
import { memoryLimit } from './device-memory.js';
import { endEngine, engine } from './engine.js';
import { chosenOrder, firstPass, refinement, type Order } from './order.js';
import { outcome, shown } from './result.js';
import { pictureCounts, settingsOf } from './choices.js';
import { sentOrder } from './sent-order.js';
import { beginWeights, changedWeights, liveFactors } from './weights.js';

/** How far a run is. */
export type Phase = 'idle' | 'preparing' | 'running' | 'paused' | 'done';

export const phase = signal<Phase>('idle');
/** What keeps a run from being done, in the words of the library. */
export const problem = signal<StyleError | undefined>(undefined);
/** 0 to 1; undefined while nobody knows. */
export const progress = signal<number | undefined>(undefined);
export const curve = signal<readonly CurvePoint[]>([]);
/** Steps done, and how many there will be. */
export const steps = signal({ done: 0, all: 0 });
/** Whether what goes on, or is paused, goes step by step. */
export const isStepwise = signal(false);
export const isBusy = computed(() => phase.value === 'preparing' || phase.value === 'running');

/** How many runs have given a picture, and whether the last one only followed what was changed. */
export const finished = signal({ count: 0, isFollowUp: false });

/** How long what has no steps, which may not look up before its end, is waited for when it is to end, in milliseconds. */
const patience = 1000;

let current:
  { readonly order: Order; readonly controller: AbortController; readonly isFollowUp: boolean } | undefined;

/** Paints what is chosen: in one pass first where there is such a form, else as the method does it. */
export function paint(): Promise<void> {
  return start(firstPass() ?? chosenOrder());
}

/** Does an order in the place of the one that is shown. */
export function paintAgain(order: Order): Promise<void> {
  return start(order, true);
}

/** Optimises, from the picture that is shown where the method can begin with one. */
export function refine(): Promise<void> {
  const before = shown.value;
  return start(refinement(before && { image: before.image, madeBy: before.order }));
}

/** Ends what goes on, with the best so far; the state stays. */
export function pause(): void {
  const ending = current;
  ending?.controller.abort();
  setTimeout(() => {
    if (current === ending && isBusy.value && !isStepwise.value) endEngine(abortError());
  }, patience);
}

/** Goes on from where a run was paused, or from an earlier step. */
export function goOn(from: Checkpoint | undefined = latest.value): Promise<void> {
  if (current === undefined || from === undefined) return Promise.resolve();
  dropCheckpoints(from.iteration);
  return follow(current.order, from.state);
}

async function start(order: Order, isFollowUp = false): Promise<void> {
  dropCheckpoints();
  beginWeights();
  batch(() => {
    curve.value = [];
    outcome.value = undefined;
    isStepwise.value = false;
  });
  await follow(order, undefined, isFollowUp);
}

/** Runs an order. What computes may fail once, as when the system ends a worker: then it goes on with another from the last checkpoint. */
async function follow(order: Order, resume: Uint8Array | undefined, isFollowUp = false): Promise<void> {
  current?.controller.abort();
  const controller = new AbortController();
  current = { order, controller, isFollowUp };
  const isCurrent = (): boolean => current?.controller === controller;
  batch(() => {
    phase.value = 'preparing';
    problem.value = undefined;
    progress.value = undefined;
  });
  try {
    await attempt(order, controller, resume, isCurrent);
  } catch (error) {
    if (!isCurrent()) return;
    if (isAbortError(error)) phase.value = shown.value === undefined ? 'idle' : 'done';
    else if (isRecoverable(error)) await again(order, controller, isCurrent);
    else fail(error);
  }
}

async function again(order: Order, controller: AbortController, isCurrent: () => boolean): Promise<void> {
  endEngine();
  try {
    await attempt(order, controller, latest.value?.state, isCurrent);
  } catch (error) {
    if (isCurrent()) fail(error);
  }
}

const isRecoverable = (error: unknown): boolean => error instanceof StyleError && error.code === 'E_RUNTIME';

/** What the person can't have caused by a choice: what computes is not used any more. */
const isEngines = (error: unknown): boolean =>
  !(error instanceof StyleError) || ['E_RUNTIME', 'E_MEMORY', 'E_DEVICE'].includes(error.code);

function fail(error: unknown): void {
  if (isEngines(error)) endEngine();
  batch(() => {
    phase.value = shown.value === undefined ? 'idle' : 'done';
    problem.value = error instanceof StyleError ? error : unexpected(error);
  });
}

const unexpected = (error: unknown): StyleError =>
  new StyleError(
    'E_RUNTIME',
    error instanceof Error ? error.message : String(error),
    'Try again with a smaller size; if that does not help, load the page anew.',
    { cause: error },
  );

async function attempt(
  order: Order,
  { signal: ending }: AbortController,
  resume: Uint8Array | undefined,
  isCurrent: () => boolean,
): Promise<void> {
  const answer = await engine().ask(
    'run',
    {
      order: sentOrder(order),
      memoryLimit: memoryLimit(),
      resume,
      factors: canReweigh(order) ? liveFactors() : undefined,
    },
    { signal: ending, onEvent: (event) => (isCurrent() ? hear(event, order) : undefined) },
  );
  if (!isCurrent()) return;
  batch(() => {
    outcome.value = { method: order.method, answer };
    if (answer.image !== undefined) {
      show(answer.image, shownOrder(order));
      finished.value = { count: finished.value.count + 1, isFollowUp: current!.isFollowUp };
    }
    if (answer.walk !== undefined) finishSteps(answer.walk, answer.image!);
    phase.value = answer.stopped === 'cancelled' && answer.walk !== undefined ? 'paused' : 'done';
  });
}

/** Weights can be changed while they run where the method says so, and it is that method which computes. */
const canReweigh = ({ method, options, initial }: Order): boolean => {
  const counts = { ...pictureCounts.value, ...(initial && { initial: 1 }) };
  const settings = settingsOf(method, options, counts) as Readonly<Record<string, unknown>>;
  return Object.values(method.weightOptions ?? { none: '' }).every(
    (option) => typeof settings[option] === 'number',
  );
};

/** An order as the picture has been made by now: with the weights of its last steps. */
const shownOrder = (order: Order): Order =>
  canReweigh(order) ? { ...order, options: { ...order.options, ...changedWeights() } } : order;

const show = (image: CanvasPixels, order: Order): void => void (shown.value = { image, order });

/** Where a walk has come to, so that one can go on from there. */
function finishSteps(
  { curve: all, state, iterations }: NonNullable<RunAnswer['walk']>,
  image: CanvasPixels,
): void {
  curve.value = all;
  keepCheckpoint({ iteration: iterations, image, state });
}

/** @returns of a step the factors that the run goes on with */
function hear(event: RunEvent, order: Order): TermFactors | undefined {
  if (event.type === 'begun') isStepwise.value = event.isStepwise;
  else if (event.type === 'part') progress.value = event.done;
  else {
    const { point, iterations, image, state } = event;
    const { iteration } = point;
    batch(() => {
      phase.value = 'running';
      progress.value = iteration / iterations;
      steps.value = { done: iteration, all: iterations };
      curve.value = [...curve.value.slice(0, iteration - 1), point];
      show(image, shownOrder(order));
    });
    if (state !== undefined) keepCheckpoint({ iteration, image, state });
    return canReweigh(order) ? liveFactors() : undefined;
  }
  return undefined;
}
