import type { Progress } from '../methods/progress.js';

/**
 * A run that goes on: wait for its result with `await`, or follow its events with `for await`, or both.
 * @example
 * ```ts
 * import { stylize } from 'pastiche';
 *
 * const run = stylize({ content: 'photo.jpg', styles: 'painting.jpg' });
 * for await (const event of run) if (event.type === 'iteration') console.log(event.losses.total);
 * const result = await run;
 * ```
 */
export class MethodRun<Result> implements PromiseLike<Result>, AsyncIterable<Progress> {
  private readonly result: Promise<Result>;
  private readonly followers = new Set<(event: Progress) => void>();

  constructor(start: (report: (event: Progress) => void) => Promise<Result>) {
    // Who follows the events is there before the first of them.
    this.result = Promise.resolve().then(() =>
      start((event) => this.followers.forEach((follow) => follow(event))),
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
    const events: Progress[] = [];
    let wake = (): void => undefined;
    let ended = false;
    const follow = (event: Progress): void => {
      events.push(event);
      wake();
    };
    this.followers.add(follow);
    const end = (): void => {
      ended = true;
      wake();
    };
    // A run that is only followed throws its error here.
    this.result.then(end, end);
    try {
      for (;;) {
        const event = events.shift();
        if (event !== undefined) yield event;
        else if (ended) break;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
      await this.result;
    } finally {
      this.followers.delete(follow);
    }
  }
}
