import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import { addMirroredMargin } from '../../../src/images/margin.js';
import type { OptimizerSettings } from '../../../src/methods/optimization/optimizer-settings.js';
import type { PictureObjective } from '../../../src/methods/optimization/picture-objective.js';
import {
  runWalk,
  type Walk,
  type WalkControl,
  type WalkOutcome,
} from '../../../src/methods/optimization/walk.js';
import { decodeWalkState, encodeWalkState } from '../../../src/methods/optimization/walk-state.js';
import type { PlannedScale } from '../../../src/methods/plan.js';
import type { IterationProgress, Progress } from '../../../src/methods/progress.js';
import { errorOf } from '../method-runs.js';

/** Half the sum of squared distances from a value in every pixel: its gradient is known. */
const distanceFrom =
  (target: number): PictureObjective =>
  (rgb) => {
    const gradient = rgb.map((value) => value - target);
    const total = gradient.reduce((sum, value) => sum + value ** 2, 0) / 2;
    return Promise.resolve({ losses: { total, content: total }, gradient });
  };

const grey = (width: number, height: number, value: number): Image =>
  createImage(width, height, new Float32Array(3 * width * height).fill(value));

const scaleOf = (width: number, iterations: number, margin = 0): PlannedScale => ({
  ...{ width, height: 2, iterations, margin },
});

interface Script {
  readonly scales: readonly PlannedScale[];
  readonly optimizer?: OptimizerSettings;
  readonly average?: number;
  readonly rounds?: number;
  readonly objective?: PictureObjective;
}

/** A walk over pictures of one value each, and what was asked of it. */
function scripted({ scales, optimizer, average, rounds, objective = distanceFrom(0.7) }: Script) {
  const log: string[] = [];
  const walk: Walk<PlannedScale> = {
    scales,
    settings: { optimizer: optimizer ?? { name: 'bounded', history: 4 }, average },
    prepare(scale, earlier, onStage) {
      log.push(`prepare ${scale.width} after ${earlier.map(({ width }) => width).join(' and ') || 'none'}`);
      onStage('compile');
      let target = objective;
      return Promise.resolve({
        objective: (rgb) => target(rgb),
        start: addMirroredMargin(grey(scale.width, scale.height, 0.2), scale.margin),
        ...(rounds === undefined
          ? {}
          : {
              rounds: {
                steps: rounds,
                begin: ({ rgb }) => {
                  log.push(`round at ${rgb[0]!.toFixed(3)}`);
                  // A tenth on from where the round begins.
                  target = distanceFrom(Math.min(0.9, rgb[0]! + 0.1));
                  return Promise.resolve();
                },
              },
            }),
        dispose: () => Promise.resolve(void log.push(`dispose ${scale.width}`)),
      });
    },
    fingerprint: () => 'these pictures',
  };
  return { walk, log };
}

const runScript = (script: Script, control: Partial<WalkControl> = {}): Promise<WalkOutcome> =>
  runWalk(scripted(script).walk, { encodeState: (state) => encodeWalkState('scripted', state), ...control });

const adam: OptimizerSettings = { name: 'adam', learningRate: 0.3, beta1: 0.9, epsilon: 1e-8, clip: false };

describe('a walk', () => {
  it('goes through its scales, each after the pictures before, and frees what each needs', async () => {
    const { walk, log } = scripted({ scales: [scaleOf(3, 2, 1), scaleOf(4, 1), scaleOf(5, 1)] });
    const events: Progress[] = [];
    const outcome = await runWalk(walk, {
      onProgress: (event) => events.push(event),
      encodeState: () => new Uint8Array(),
    });
    expect(log).toEqual([
      ...['prepare 3 after none', 'dispose 3', 'prepare 4 after 3', 'dispose 4'],
      ...['prepare 5 after 3 and 4', 'dispose 5'],
    ]);
    const told = events.map((event) =>
      event.type === 'stage' || event.type === 'iteration'
        ? `${event.scale + 1}/${event.scales} ${event.width}x${event.height} ${event.type === 'stage' ? event.stage : `${event.iteration}/${event.iterations}`}`
        : event.type,
    );
    expect(told).toEqual([
      ...['1/3 3x2 targets', '1/3 3x2 compile', '1/3 3x2 optimize', '1/3 3x2 1/4', '1/3 3x2 2/4'],
      ...['2/3 4x2 targets', '2/3 4x2 compile', '2/3 4x2 optimize', '2/3 4x2 3/4'],
      ...['3/3 5x2 targets', '3/3 5x2 compile', '3/3 5x2 optimize', '3/3 5x2 4/4'],
    ]);
    // Without their margins.
    expect(outcome.images.map(({ width, height }) => [width, height])).toEqual([
      [3, 2],
      [4, 2],
      [5, 2],
    ]);
    expect(outcome).toMatchObject({ stopped: 'finished', iterations: 4 });
    expect(outcome.curve.map(({ iteration, scale }) => [iteration, scale])).toEqual([
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 2],
    ]);
  });

  it('reports before each step what the objective says there, and in the end of the result', async () => {
    const pictures: Image[] = [];
    const { curve, images, losses } = await runScript(
      { scales: [scaleOf(3, 4)], optimizer: adam },
      { onProgress: (event) => event.type === 'iteration' && pictures.push(event.image()) },
    );
    const lossOf = async ({ rgb }: Image): Promise<number> => (await distanceFrom(0.7)(rgb)).losses.total;
    const expected = [await lossOf(grey(3, 2, 0.2))];
    for (const picture of pictures) expected.push(await lossOf(picture));
    expect([...curve, losses].map(({ total }) => total)).toEqual(expected);
    expect(images[0]).toEqual(pictures.at(-1));
  });

  it('finds targets anew after each round, from where the picture is, and the rest of the steps in the last', async () => {
    const { walk, log } = scripted({ scales: [scaleOf(3, 5)], rounds: 2, optimizer: adam });
    const stages: string[] = [];
    const outcome = await runWalk(walk, {
      onProgress: (event) => stages.push(event.type === 'stage' ? event.stage : event.type),
      encodeState: () => new Uint8Array(),
    });
    expect(stages).toEqual([
      ...['targets', 'compile'],
      ...['targets', 'optimize', 'iteration', 'iteration'],
      ...['targets', 'optimize', 'iteration', 'iteration'],
      ...['targets', 'optimize', 'iteration'],
    ]);
    expect(log.filter((line) => line.startsWith('round'))).toHaveLength(3);
    expect(log[1]).toBe('round at 0.200');
    // The distance is a tenth again, though the picture has moved.
    const tenth = (3 * 6 * 0.1 ** 2) / 2;
    [0, 2, 4].forEach((step) => expect(outcome.curve[step]!.total).toBeCloseTo(tenth, 5));
    expect(outcome.curve[1]!.total).not.toBeCloseTo(tenth, 2);
    expect(outcome.iterations).toBe(5);
  });

  it('frees a scale whose objective fails, and passes the error on', async () => {
    const { walk, log } = scripted({
      scales: [scaleOf(3, 2), scaleOf(4, 2)],
      objective: () => Promise.reject(new Error('out of order')),
    });
    const error = await errorOf(runWalk(walk, { encodeState: () => new Uint8Array() }));
    expect(error).toMatchObject({ message: 'out of order' });
    expect(log).toEqual(['prepare 3 after none', 'dispose 3']);
  });

  it('shows pictures on the way as it is told to', async () => {
    const { walk } = scripted({ scales: [scaleOf(3, 1)] });
    const shown: Image[] = [];
    await runWalk(
      { ...walk, present: ({ width }, { iterations }) => grey(width, 7, iterations) },
      {
        onProgress: (event) => event.type === 'iteration' && shown.push(event.image()),
        encodeState: () => new Uint8Array(),
      },
    );
    expect(shown).toEqual([grey(3, 7, 1)]);
  });
});

describe('a walk that ends early', () => {
  /** Ends after a step of the walk. */
  const endedAfter = (script: Script, step: number, seen: IterationProgress[] = []): Promise<WalkOutcome> => {
    const stop = new AbortController();
    return runScript(script, {
      signal: stop.signal,
      onProgress: (event) => {
        if (event.type !== 'iteration') return;
        seen.push(event);
        if (event.iteration === step) stop.abort();
      },
    });
  };

  it('by its signal before the first step has no result', async () => {
    const [own, other] = [new DOMException('My own words.', 'AbortError'), new Error('enough')];
    const script = { scales: [scaleOf(3, 2)] };
    expect(await errorOf(runScript(script, { signal: AbortSignal.abort(own) }))).toBe(own);
    expect(await errorOf(runScript(script, { signal: AbortSignal.abort(other) }))).toMatchObject({
      name: 'AbortError',
      cause: other,
    });
  });

  it('has the best picture so far, which need not be the last', async () => {
    // Steps of 0.3 towards 0.7 overshoot.
    const pictures = [grey(3, 2, 0.2)];
    const stop = new AbortController();
    const { curve, images, stopped, losses } = await runScript(
      { scales: [scaleOf(3, 9)], optimizer: adam },
      {
        signal: stop.signal,
        onProgress: (event) => {
          if (event.type !== 'iteration') return;
          pictures.push(event.image());
          if (event.iteration === 4) stop.abort();
        },
      },
    );
    const totals = curve.map(({ total }) => total);
    const best = totals.indexOf(Math.min(...totals));
    expect([best > 0, best < 3]).toEqual([true, true]);
    expect(stopped).toBe('cancelled');
    expect(images).toEqual([pictures[best]]);
    expect(losses.total).toBe(totals[best]);
  });

  it('between two scales has the picture that the next one begins with', async () => {
    const script = { scales: [scaleOf(3, 2), scaleOf(4, 2)] };
    const { images, stopped, iterations } = await endedAfter(script, 2);
    expect({ stopped, iterations }).toEqual({ stopped: 'cancelled', iterations: 2 });
    expect(images).toHaveLength(2);
    expect(images[1]!.width).toBe(4);
    images[1]!.rgb.forEach((value) => expect(value).toBeCloseTo(0.2, 6));
  });

  it('when the loss is no number, with the best picture until then', async () => {
    let calls = 0;
    const distance = distanceFrom(0.7);
    const { stopped, images, iterations } = await runScript({
      scales: [scaleOf(3, 9), scaleOf(4, 9)],
      optimizer: adam,
      objective: async (rgb) => {
        calls += 1;
        const { losses, gradient } = await distance(rgb);
        return { losses: calls === 4 ? { total: NaN } : losses, gradient };
      },
    });
    expect({ stopped, iterations }).toEqual({ stopped: 'diverged', iterations: 3 });
    expect(images).toHaveLength(1);
    expect(images[0]!.rgb.every((value) => value > 0.2 && value <= 1)).toBe(true);
  });
});

describe('a walk that is resumed', () => {
  const comparable = ({ curve, state: _, ...outcome }: WalkOutcome) => ({
    ...outcome,
    curve: curve.map(({ elapsed: __, ...point }) => point),
  });
  const optimizers: readonly OptimizerSettings[] = [
    adam,
    { ...adam, clip: true },
    { name: 'lbfgs', learningRate: 1, history: 3 },
    { name: 'bounded', history: 3 },
  ];
  /** Something less even than a distance, so that no optimiser is done in one step. */
  const uneven: PictureObjective = (rgb) => {
    const gradient = rgb.map((value, i) => (1 + (i % 5)) * Math.sin(3 * (value - 0.1 * (i % 7))));
    const total = rgb.reduce(
      (sum, value, i) => sum + ((1 + (i % 5)) * (1 - Math.cos(3 * (value - 0.1 * (i % 7))))) / 3,
      0,
    );
    return Promise.resolve({ losses: { total, style: total / 2 }, gradient });
  };

  it('goes on to the same bits from any step, whatever scales, rounds, optimiser and average', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          steps: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 }),
          rounds: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
          optimizer: fc.constantFrom(...optimizers),
          average: fc.constantFrom(0, 0.8),
          from: fc.nat(),
        }),
        async ({ steps, from, rounds, ...script }) => {
          const scales = steps.map((iterations, index) => scaleOf(3 + index, iterations, index));
          const own = { scales, ...script, ...(rounds === undefined ? { objective: uneven } : { rounds }) };
          const states: Uint8Array[] = [];
          const whole = await runScript(own, {
            onProgress: (event) => event.type === 'iteration' && states.push(event.state()),
          });
          const ends = [...states, encodeWalkState('scripted', whole.state())];
          const resume = decodeWalkState('scripted', ends[from % ends.length]!);
          expect(comparable(await runScript(own, { resume }))).toEqual(comparable(whole));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('and ended has the best picture of all its steps, also of those before it was saved', async () => {
    // Steps of 0.3 towards 0.7 overshoot: the best is behind when the state is saved.
    const script = { scales: [scaleOf(3, 9)], optimizer: adam };
    const endAfter = (step: number, resume?: Uint8Array, states: Uint8Array[] = []): Promise<WalkOutcome> => {
      const stop = new AbortController();
      return runScript(script, {
        signal: stop.signal,
        ...(resume && { resume: decodeWalkState('scripted', resume) }),
        onProgress: (event) => {
          if (event.type !== 'iteration') return;
          states.push(event.state());
          if (event.iteration === step) stop.abort();
        },
      });
    };
    const states: Uint8Array[] = [];
    const whole = await endAfter(4, undefined, states);
    const totals = whole.curve.map(({ total }) => total);
    expect(Math.min(...totals)).toBeLessThan(totals.at(-1)!);
    for (const state of states.slice(0, 3)) {
      const resumed = await endAfter(4, state);
      expect(comparable(resumed)).toEqual(comparable(whole));
      expect(resumed.state().best).toEqual(whole.state().best);
    }
    // Ended again at once, it is where it was.
    const atOnce = await runScript(script, {
      signal: AbortSignal.abort(),
      resume: decodeWalkState('scripted', states[3]!),
    });
    expect(comparable(atOnce)).toEqual(comparable(whole));
  });

  it('stays where no step leads downwards', async () => {
    const flat: PictureObjective = (rgb) =>
      Promise.resolve({ losses: { total: 3 }, gradient: new Float32Array(rgb.length) });
    const script = { scales: [scaleOf(3, 5), scaleOf(4, 5)], objective: flat };
    const states: Uint8Array[] = [];
    const whole = await runScript(script, {
      onProgress: (event) => event.type === 'iteration' && states.push(event.state()),
    });
    expect(whole.iterations).toBe(2);
    for (const state of states) {
      const resumed = await runScript(script, { resume: decodeWalkState('scripted', state) });
      expect(comparable(resumed)).toEqual(comparable(whole));
    }
  });

  it('refuses the state of other pictures, and one that can not be of its own', async () => {
    const script = { scales: [scaleOf(3, 2), scaleOf(4, 2)] };
    const state = (await runScript(script)).state();
    for (const other of [
      { ...state, fingerprint: 'other pictures' },
      { ...state, scale: 2 },
      { ...state, scale: 0 },
      { ...state, variable: state.variable.subarray(3) },
      { ...state, best: { ...state.best, variable: state.best.variable.subarray(3) } },
    ]) {
      expect(await errorOf(runScript(script, { resume: other }))).toMatchObject({ code: 'E_STATE' });
    }
  });

  it('does not ask for a fingerprint unless a state is saved or resumed', async () => {
    const { walk } = scripted({ scales: [scaleOf(3, 2)] });
    const fails = {
      ...walk,
      fingerprint: () => {
        throw new Error('asked for');
      },
    };
    const control = { encodeState: () => new Uint8Array() };
    const error = await errorOf(
      runWalk(fails, { ...control, onProgress: (event) => event.type === 'iteration' && event.state() }),
    );
    expect(error).toMatchObject({ message: 'asked for' });
  });
});
