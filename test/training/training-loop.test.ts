import { describe, expect, it } from 'vitest';
import { StyleError } from '../../src/errors.js';
import {
  encodeCheckpoint,
  parseCheckpoint,
  resumeFrom,
  type TrainingCheckpoint,
} from '../../src/training/checkpoint.js';
import type { TrainingHistory } from '../../src/training/training-history.js';
import { trainingLoop, type TrainingLoopOptions } from '../../src/training/training-loop.js';
import type { TrainingProgress } from '../../src/training/training-progress.js';
import { FittingTask, gradientPicture, greyPicture, type FittingOptions } from './fitting-task.js';

const failure = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;

interface Trained {
  readonly task: FittingTask;
  readonly events: TrainingProgress[];
  readonly checkpoints: TrainingCheckpoint[];
}

/** Trains and keeps everything that happens. */
function start(
  options: Partial<TrainingLoopOptions> & { readonly task?: FittingTask } = {},
): Trained & { readonly result: ReturnType<typeof trainingLoop> } {
  const { task = new FittingTask(), onProgress, ...rest } = options;
  const events: TrainingProgress[] = [];
  const checkpoints: TrainingCheckpoint[] = [];
  const result = trainingLoop(task, {
    steps: 20,
    validateEvery: 6,
    checkpointEvery: 4,
    saveCheckpoint: (checkpoint) => Promise.resolve(void checkpoints.push(checkpoint)),
    ...rest,
    onProgress: (event) => {
      events.push(event);
      onProgress?.(event);
    },
  });
  return { task, events, checkpoints, result };
}

const diverging = (distort: FittingOptions['distort']): FittingTask => new FittingTask({ distort: distort! });

/** What does not depend on how long things take. */
function timeless({ curve, validations, ...rest }: TrainingHistory): object {
  return {
    ...rest,
    elapsed: 0,
    curve: curve.map((point) => ({ ...point, elapsed: 0, milliseconds: 0 })),
    validations: validations.map((point) => ({ ...point, elapsed: 0 })),
  };
}

describe('a training', () => {
  it('validates and hands over checkpoints at their times, these when they are proved', async () => {
    const { events, result, checkpoints } = start();
    const { stopped, step, checkpoint, validation } = await result;
    const told = events.map((event) =>
      event.type === 'warning' ? event.message : `${event.type} ${event.step}`,
    );
    expect(told.filter((line) => !line.startsWith('step'))).toEqual([
      'validation 0',
      ...['checkpoint 4', 'validation 6', 'checkpoint 8', 'validation 12', 'checkpoint 12'],
      ...['checkpoint 16', 'validation 18', 'validation 20', 'checkpoint 20'],
    ]);
    expect(told.indexOf('checkpoint 4')).toBe(told.indexOf('step 5') + 1);
    expect(told.indexOf('checkpoint 12')).toBe(told.indexOf('step 12') + 2);
    expect(checkpoints.map((one) => one.state.scalars['steps'])).toEqual([4, 8, 12, 16, 20]);
    expect({ stopped, step, checkpoint }).toEqual({ stopped: 'finished', step: 20, checkpoint: 20 });
    expect(validation!.losses['total']).toBeLessThan(
      checkpoints[0]!.history.validations[0]!.losses['total']!,
    );
  });

  it.each([1, 6, 12, 13])('that is stopped after %i steps goes on bit for bit', async (last) => {
    const whole = start();
    const expected = await whole.result;

    const controller = new AbortController();
    const stopped = start({
      signal: controller.signal,
      onProgress: (event) => event.type === 'step' && event.step === last && controller.abort(),
    });
    expect(await stopped.result).toMatchObject({ stopped: 'cancelled', step: last, checkpoint: last });

    const bytes = encodeCheckpoint(stopped.checkpoints.at(-1)!);
    const task = new FittingTask();
    const resumed = start({ task, ...resumeFrom(parseCheckpoint(bytes, 'x'), task) });
    const result = await resumed.result;
    expect(resumed.events.filter(({ type }) => type === 'step')).toHaveLength(20 - last);
    expect(result).toMatchObject({ stopped: 'finished', step: 20, checkpoint: 20 });
    expect(task.state()).toEqual(whole.task.state());
    // Not validated where it was stopped, if that was the moment.
    const missed = (history: TrainingHistory): object =>
      timeless({
        ...history,
        validations: history.validations.filter(({ step }) => step !== last),
        pictures: history.pictures.filter(({ step }) => step !== last),
      });
    expect(missed(result.history)).toEqual(missed(expected.history));
    expect(result.history.elapsed).toBeGreaterThan(0);
  });

  it('goes on from a checkpoint on the way as well, with the same history', async () => {
    const whole = start();
    const expected = await whole.result;
    for (const index of [0, 2]) {
      const task = new FittingTask();
      const checkpoint = parseCheckpoint(encodeCheckpoint(whole.checkpoints[index]!), 'x');
      const { history } = await start({ task, ...resumeFrom(checkpoint, task) }).result;
      expect(task.state()).toEqual(whole.task.state());
      expect(timeless(history)).toEqual(timeless(expected.history));
    }
  });

  it('that had all its steps, but not its last validation, has only that left', async () => {
    const controller = new AbortController();
    const first = start({
      signal: controller.signal,
      onProgress: (event) => event.type === 'step' && event.step === 20 && controller.abort(),
    });
    expect(await first.result).toMatchObject({ stopped: 'cancelled', step: 20, checkpoint: 20 });
    const task = new FittingTask();
    const second = start({ task, ...resumeFrom(first.checkpoints.at(-1)!, task) });
    expect(await second.result).toMatchObject({ stopped: 'finished', checkpoint: 20 });
    expect(second.events.map(({ type }) => type)).toEqual(['validation', 'checkpoint']);
    const third = new FittingTask();
    const done = start({ task: third, ...resumeFrom(second.checkpoints[0]!, third) });
    expect(await done.result).toMatchObject({ stopped: 'finished', checkpoint: undefined });
    expect(done.events).toEqual([]);
  });

  it('that is stopped before its first step leaves nothing', async () => {
    const { result, events, task } = start({ signal: AbortSignal.abort() });
    expect(await result).toMatchObject({ stopped: 'cancelled', step: 0, checkpoint: undefined });
    expect([events, task.validations]).toEqual([[], 0]);
  });

  it('is stopped by a task that throws the signal’s reason, and fails by what else it throws', async () => {
    const reason = new DOMException('stopped', 'AbortError');
    const after = (thrown: Error): Promise<unknown> => {
      const controller = new AbortController();
      const task = new (class extends FittingTask {
        private calls = 0;

        override step(): ReturnType<FittingTask['step']> {
          this.calls += 1;
          if (this.calls < 5) return super.step();
          controller.abort(reason);
          return Promise.reject(thrown);
        }
      })();
      return start({ task, signal: controller.signal }).result;
    };
    expect(await after(reason)).toMatchObject({ stopped: 'cancelled', step: 4, checkpoint: 4 });
    await expect(after(new Error('its own'))).rejects.toThrow('its own');
  });

  it('lets timers run though its steps never wait', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 60);
    const { result } = start({
      steps: 1e9,
      validateEvery: 1e9,
      checkpointEvery: 1e9,
      signal: controller.signal,
    });
    expect(await result).toMatchObject({ stopped: 'cancelled' });
  });

  it.each([
    [{ steps: 0 }, /can't have 0 as its steps/],
    [{ checkpointEvery: 1.5 }, /can't have 1.5 as its checkpointEvery/],
    [{ startAt: 21 }, /of 20 steps can't be resumed after step 21/],
  ])('refuses %o', async (options, message) => {
    await expect(start(options).result).rejects.toThrow(failure('E_ARGUMENT', message));
  });
});

describe('a checkpoint that can not be saved', () => {
  const full = new StyleError('E_OUTPUT', 'The disk is full.', 'Make room.');

  it('is a warning, and the next one may be saved', async () => {
    let attempts = 0;
    const { result, events } = start({
      saveCheckpoint: () => ((attempts += 1) < 3 ? Promise.reject(full) : Promise.resolve()),
    });
    expect(await result).toMatchObject({ stopped: 'finished', checkpoint: 20 });
    expect(events.filter(({ type }) => type === 'warning')).toEqual([
      {
        type: 'warning',
        message: 'The checkpoint of step 4 could not be saved. The disk is full. Make room.',
      },
      {
        type: 'warning',
        message: 'The checkpoint of step 8 could not be saved. The disk is full. Make room.',
      },
    ]);
  });

  it('is an error at the end', async () => {
    const { result, task } = start({ saveCheckpoint: () => Promise.reject(full) });
    await expect(result).rejects.toBe(full);
    expect(task.state().scalars['steps']).toBe(20);
  });

  it('is an error at once where it is a defect', async () => {
    const { result } = start({ saveCheckpoint: () => Promise.reject(new TypeError('x')) });
    await expect(result).rejects.toThrow(TypeError);
  });
});

describe('a training that goes nowhere', () => {
  it.each<[string, FittingOptions['distort'], RegExp]>([
    [
      'a loss',
      (report, step) => (step === 9 ? { ...report, total: NaN } : report),
      /step 9, the loss was NaN/,
    ],
    [
      'a term',
      (report, step) => (step === 9 ? { ...report, terms: { half: Infinity } } : report),
      /step 9, "half" was Infinity/,
    ],
    [
      'a gradient',
      (report, step) => (step === 9 ? { ...report, gradientNorm: Infinity } : report),
      /"norm of the gradient" was Infinity/,
    ],
  ])('is ended by %s that is no number, and its last step is not saved', async (_, distort, message) => {
    const { result, checkpoints, events } = start({ task: diverging(distort) });
    await expect(result).rejects.toThrow(failure('E_TRAINING_DIVERGED', message));
    // That of step 8 was not proved.
    expect(checkpoints.map(({ step }) => step)).toEqual([4]);
    expect(events.at(-1)).toMatchObject({ type: 'step', step: 8 });
  });

  it('is ended by parameters that are no numbers, before they are saved', async () => {
    const task = diverging((report, step) => {
      if (step === 8) task.weights[2] = Infinity;
      return report;
    });
    const { result, checkpoints } = start({ task });
    await expect(result).rejects.toThrow(failure('E_TRAINING_DIVERGED', /After step 8, .* of "weights"/));
    expect(checkpoints.map(({ step }) => step)).toEqual([4]);
  });

  it('is ended by a loss that has grown a hundredfold, not by an odd batch', async () => {
    const growing = diverging((report, step) => ({ ...report, total: step < 9 ? 1 / step : 2 ** step }));
    // The average was at best the mean of 1, 1/2, ... 1/8.
    await expect(start({ task: growing }).result).rejects.toThrow(
      failure('E_TRAINING_DIVERGED', /At step 9 the loss is \d+(\.\d+)? on average, after it had been 0\.34/),
    );
    const odd = diverging((report, step) => ({ ...report, total: step === 15 ? 200 : 1 }));
    await expect(start({ task: odd }).result).resolves.toMatchObject({ stopped: 'finished' });
  });

  it('is not ended by the noise of a loss that is nearly 0', async () => {
    const task = diverging((report, step) => ({
      ...report,
      total: step === 1 ? 1 : step < 150 ? 1e-12 : 1e-4,
    }));
    await expect(start({ task, steps: 300 }).result).resolves.toMatchObject({ stopped: 'finished' });
  });

  it('is ended when there is no gradient any more', async () => {
    const task = diverging((report, step) => (step > 10 ? { ...report, gradientNorm: 0 } : report));
    await expect(start({ task, steps: 100 }).result).rejects.toThrow(
      failure('E_TRAINING_STUCK', /exactly 0 in the last 20 steps, to step 30/),
    );
  });

  it('is ended by pictures of one colour, when they stay so', async () => {
    const dead = (from: number, to: number): FittingTask =>
      new FittingTask({
        picture: (step) => (step >= from && step <= to ? greyPicture(4, 4) : gradientPicture(4, 4)),
      });
    // Before the first step, and once, it may be.
    await expect(start({ task: dead(0, 6) }).result).resolves.toMatchObject({ stopped: 'finished' });
    await expect(start({ task: dead(12, 20) }).result).rejects.toThrow(
      failure('E_TRAINING_STUCK', /"fit" was of one colour in two validations, the last after step 18/),
    );
  });
});
