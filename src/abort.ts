/**
 * The error of a computation that was ended before it had any result: a `DOMException` of the name `AbortError`, as the
 * platform's own functions throw it, with the signal's reason as its cause.
 */
export function abortError(signal?: AbortSignal): Error {
  const reason: unknown = signal?.reason;
  if (reason instanceof DOMException && reason.name === 'AbortError') return reason;
  const error = new DOMException('The computation was ended before it had a result.', 'AbortError');
  return Object.assign(error, { cause: reason });
}

/** @throws AbortError when the signal is aborted */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal);
}

/**
 * Whether an error says that a computation was ended before it had a result.
 * @example
 * ```ts
 * import { isAbortError, stylize } from 'pastiche';
 *
 * try {
 *   await stylize({ content: 'photo.jpg', styles: 'painting.jpg' }, { signal: AbortSignal.timeout(1) });
 * } catch (error) {
 *   if (!isAbortError(error)) throw error;
 *   console.log('There was no time for any result.');
 * }
 * ```
 */
export function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
