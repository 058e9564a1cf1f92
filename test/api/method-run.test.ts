import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MethodRun } from '../../src/api/method-run.js';
import type { PartProgress, Progress } from '../../src/methods/progress.js';
import { errorOf } from '../methods/method-runs.js';

const part = (done: number): PartProgress => ({ type: 'part', done });
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A run of some events with a pause after each, and then a result or an error. */
function scripted(events: readonly number[], end: string | Error = 'result') {
  const seen: string[] = [];
  const run = new MethodRun<string>(async (report) => {
    seen.push('started');
    for (const event of events) {
      report(part(event));
      await tick();
    }
    seen.push('ended');
    if (typeof end !== 'string') throw end;
    return end;
  });
  return { run, seen };
}

async function eventsOf(run: AsyncIterable<Progress>): Promise<number[]> {
  const events: number[] = [];
  for await (const event of run) events.push((event as PartProgress).done);
  return events;
}

/** Rejections that nobody looked at. */
const unhandled: unknown[] = [];
const remember = (error: unknown): void => void unhandled.push(error);
// Vitest would end the run for them.
let others: NodeJS.UnhandledRejectionListener[];
beforeEach(() => {
  unhandled.length = 0;
  others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', remember);
});
afterEach(() => {
  process.removeListener('unhandledRejection', remember);
  others.forEach((listener) => process.on('unhandledRejection', listener));
});

describe('a run', () => {
  it('is waited for', async () => {
    const { run, seen } = scripted([1, 2]);
    expect(await run).toBe('result');
    // Once only, however often it is waited for.
    expect(await run).toBe('result');
    expect(seen).toEqual(['started', 'ended']);
  });

  it('is followed from its first event, and ends the loop with its end', async () => {
    const { run, seen } = scripted([1, 2, 3]);
    expect(seen).toEqual([]);
    expect(await eventsOf(run)).toEqual([1, 2, 3]);
    expect(seen).toEqual(['started', 'ended']);
  });

  it('is followed and waited for, by several', async () => {
    const { run } = scripted([1, 2, 3]);
    const found = await Promise.all([eventsOf(run), run, eventsOf(run), run]);
    expect(found).toEqual([[1, 2, 3], 'result', [1, 2, 3], 'result']);
    expect(await eventsOf(run)).toEqual([]);
  });

  it('has its events kept for who takes long over each, in their order', async () => {
    const { run } = scripted([1, 2, 3, 4]);
    const events: number[] = [];
    for await (const event of run) {
      events.push((event as PartProgress).done);
      for (let i = 0; i < 5; i += 1) await tick();
    }
    expect(events).toEqual([1, 2, 3, 4]);
  });

  it('waits for the body of every loop where it asks to', async () => {
    const seen: string[] = [];
    const run = new MethodRun<string>(async (report) => {
      for (const event of [1, 2, 3]) {
        seen.push(`step ${event}`);
        await report(part(event));
      }
      return 'result';
    });
    const follow = async (name: string, ticks: number): Promise<void> => {
      for await (const event of run) {
        for (let i = 0; i < ticks; i += 1) await tick();
        seen.push(`${name} ${(event as PartProgress).done}`);
        if (name === 'leaves' && ticks > 1) break;
      }
    };
    await Promise.all([follow('slow', 9), follow('quick', 1), follow('leaves', 5)]);
    expect(seen).toEqual(
      ['step 1', 'quick 1', 'leaves 1', 'slow 1', 'step 2', 'quick 2', 'slow 2', 'step 3', 'quick 3'].concat([
        'slow 3',
      ]),
    );
  });

  it('does not wait for who has left or failed', async () => {
    const run = new MethodRun<string>(async (report) => {
      // Two that nobody waits for, and one that is never looked at.
      void report(part(1));
      void report(part(2));
      await report(part(3));
      return 'result';
    });
    const failing = async (): Promise<void> => {
      for await (const event of run) if ((event as PartProgress).done === 2) throw new Error('mine');
    };
    expect(await errorOf(failing())).toMatchObject({ message: 'mine' });
    expect(await run).toBe('result');
  });

  it('is followed from where it is by who comes later', async () => {
    const { run } = scripted([1, 2, 3, 4]);
    await tick();
    await tick();
    const events = await eventsOf(run);
    expect(events.length).toBeGreaterThan(0);
    expect(events.length).toBeLessThan(4);
    expect(events).toEqual([1, 2, 3, 4].slice(4 - events.length));
  });

  it('goes on when nobody follows it any more', async () => {
    const { run, seen } = scripted([1, 2, 3]);
    for await (const event of run) {
      expect(event).toEqual(part(1));
      break;
    }
    expect(seen).toEqual(['started']);
    expect(await run).toBe('result');
  });

  it('is a promise in all that one does with promises', async () => {
    const ended: string[] = [];
    const { run } = scripted([]);
    expect(await run.then((result) => `${result}!`)).toBe('result!');
    expect(await run.finally(() => void ended.push('finally'))).toBe('result');
    expect(await Promise.race([run])).toBe('result');
    const failed = scripted([], new Error('no')).run;
    expect(await failed.catch((error: unknown) => (error as Error).message)).toBe('no');
    expect(await failed.then(null, () => 'caught')).toBe('caught');
    expect(await errorOf(failed.finally(() => void ended.push('again')))).toMatchObject({ message: 'no' });
    expect(ended).toEqual(['finally', 'again']);
  });
});

describe('a run that fails', () => {
  const error = new Error('out of order');

  it('throws its error where it is waited for, and where it is followed after its events', async () => {
    const { run } = scripted([1, 2], error);
    const events: number[] = [];
    const followed = (async () => {
      for await (const event of run) events.push((event as PartProgress).done);
    })();
    expect(await errorOf(followed)).toBe(error);
    expect(events).toEqual([1, 2]);
    expect(await errorOf(run)).toBe(error);
    expect(await errorOf(eventsOf(run))).toBe(error);
  });

  it('at once, before any event, throws all the same', async () => {
    const run = new MethodRun<string>(() => {
      throw error;
    });
    expect(await errorOf(eventsOf(run))).toBe(error);
    expect(await errorOf(run)).toBe(error);
  });

  it('leaves no rejection that nobody looked at where it is followed only', async () => {
    expect(await errorOf(eventsOf(scripted([1, 2], error).run))).toBe(error);
    await tick();
    await tick();
    expect(unhandled).toEqual([]);
  });

  it('nor where it is followed for a while and left', async () => {
    const { run, seen } = scripted([1, 2, 3], error);
    for await (const event of run) if (event.type === 'part') break;
    while (!seen.includes('ended')) await tick();
    await tick();
    expect(unhandled).toEqual([]);
  });

  it('is told of as every rejection is where nobody waits for it and nobody follows it', async () => {
    scripted([], error);
    await tick();
    await tick();
    expect(unhandled).toEqual([error]);
  });

  it('does not take the blame for who follows it', async () => {
    const own = new Error('mine');
    const { run } = scripted([1, 2]);
    const followed = (async () => {
      for await (const event of run) if (event.type === 'part') throw own;
    })();
    expect(await errorOf(followed)).toBe(own);
    expect(await run).toBe('result');
  });
});
