import { StyleError } from '../errors.js';

/*
 * A worker that is gone says nothing. It holds a lock as long as it lives, and by that its page finds out.
 */

/** Pages that are not served securely have none. */
const locks = (): LockManager | undefined => (navigator as { locks?: LockManager }).locks;

/** The name of a lock for a new worker; undefined where there are no locks. */
export const nameWorkerLock = (): string | undefined => locks() && `pastiche-worker-${crypto.randomUUID()}`;

/** In a worker: takes a lock until its end. */
export const holdWorkerLock = (name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const held = (): Promise<never> => {
      resolve();
      return new Promise(() => undefined);
    };
    navigator.locks.request(name, held).catch(reject);
  });

/** In its page: tells when a worker that holds a lock is gone. Nothing is told any more once the signal is aborted. */
export function watchWorkerLock(name: string, signal: AbortSignal, onGone: () => void): void {
  locks()!
    .request(name, { signal }, onGone)
    .catch(() => undefined);
}

/** The error for a worker that can't be started, has failed or is gone. @param message why, where that is known */
export const workerFailed = (message: string | undefined): StyleError =>
  new StyleError(
    'E_RUNTIME',
    `The worker that computes can't be started or has failed${message ? `: ${message}` : ''}.`,
    'Try again, with a smaller size if it had been computing; if it never starts, serve the file of the worker from where the page is, and allow it in its content security policy (worker-src).',
  );

/** What is said of a worker that gave up its lock. */
export const workerGone = (): StyleError => workerFailed('it is gone');
