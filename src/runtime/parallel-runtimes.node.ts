import { availableParallelism } from 'node:os';
import { resolveDevice } from './devices.node.js';
import type { NativeRuntimeOptions } from './native.node.js';
import type { Runtime } from './runtime.js';
import { createWorkerRuntime } from './worker-runtime.node.js';

/**
 * Runtimes in parallel, each in a separate worker thread and with a share of the processors: for independent computations,
 * such as those of the pictures of a training batch. On an accelerator there is only one.
 * @param parts the number of independent computations; there are at most as many runtimes, and at most one per thread
 * @throws StyleError `E_DEVICE` when this machine has no such device
 * @example
 * ```ts
 * import { createParallelRuntimes } from 'pastiche/engine';
 *
 * const runtimes = createParallelRuntimes(4, { threads: 2 });
 * console.log(runtimes.length); // 2, of one thread each
 * await Promise.all(runtimes.map((runtime) => runtime.dispose()));
 * ```
 */
export function createParallelRuntimes(parts: number, options: NativeRuntimeOptions = {}): Runtime[] {
  const threads = options.threads ?? availableParallelism();
  const count = resolveDevice(options.device ?? 'auto') === 'cpu' ? Math.min(parts, threads) : 1;
  return Array.from({ length: count }, (_, index) => {
    const share = Math.floor(threads / count) + (index < threads % count ? 1 : 0);
    return createWorkerRuntime({ ...options, threads: share });
  });
}
