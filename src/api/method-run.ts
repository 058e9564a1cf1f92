import type { Progress } from '../methods/progress.js';

/**
 * A run that goes on: wait for its result with `await`, or follow its events with `for await`, or both. It waits for the body of
 * the loop at every iteration, so that an event's picture is that of its step: don't wait for the result there.
 * @example
 * ```ts
 * import { stylize } from 'pastiche';
 *
 * const run = stylize({ content: 'photo.jpg', styles: 'painting.jpg', size: 96, iterations: 20 });
 * for await (const event of run) if (event.type === 'iteration') console.log(event.losses.total);
 * const result = await run;
 * ```
 */
export class MethodRun<Result> implements PromiseLike<Result>, AsyncIterable<Progress> {
  private readonly result: Promise<Result>;
  private readonly followers = new Set<(event: Progress) => Promise<void>>();

  /** @param start begins the run; the promise that it gets for an event is kept when all who follow have dealt with it */
  constructor(start: (report: (event: Progress) => Promise<unknown>) => Promise<Result>) {
    // Who follows the events is there before the first of them.
    this.result = Promise.resolve().then(() =>
      start((event) => Promise.all([...this.followers].map((follow) => follow(event)))),
    );
  }

  then<Fulfilled = Result, Rejected = never>(
    onFulfilled?: ((result: Result) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.result.then(onFulfilled, onRejected);
  }

  catch<Rejected = never>(
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Result | Rejected> {
    return this.result.catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<Result> {
    return this.result.finally(onFinally);
  }

  /** The events from now on; ends with the run, and throws what it throws. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Progress, void, void> {
    const events: { readonly event: Progress; readonly done: () => void }[] = [];
    let wake = (): void => undefined;
    let ended = false;
    const follow = (event: Progress): Promise<void> =>
      new Promise((done) => {
        events.push({ event, done });
        wake();
      });
    this.followers.add(follow);
    const end = (): void => {
      ended = true;
      wake();
    };
    // A run that is only followed throws its error here.
    this.result.then(end, end);
    try {
      for (;;) {
        const [next] = events;
        if (next !== undefined) {
          yield next.event;
          // It is dealt with when the next one is asked for.
          next.done();
          events.shift();
        } else if (ended) break;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
      await this.result;
    } finally {
      this.followers.delete(follow);
      // The run doesn't wait for who has left.
      for (const { done } of events) done();
    }
  }
}
