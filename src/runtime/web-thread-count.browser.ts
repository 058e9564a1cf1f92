/** Most threads that help: beyond that, memory is the limit. */
const mostThreads = 8;

/**
 * Threads of a run here. Memory that threads share needs an isolated page; iPhones and iPads hang with more than one thread.
 * @param asked as many as there are processors unless given
 */
export function webThreadCount(asked?: number): number {
  if (!crossOriginIsolated || /iPhone|iPad/.test(navigator.userAgent)) return 1;
  return asked ?? Math.min(mostThreads, navigator.hardwareConcurrency);
}
