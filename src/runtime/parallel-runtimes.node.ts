import { availableParallelism } from 'node:os';
import { resolveDevice } from './devices.node.js';
import type { NativeRuntimeOptions } from './native.node.js';
import type { Runtime } from './runtime.js';
import { createWorkerRuntime } from './worker-runtime.node.js';

/**
 * Runtimes that work at the same time, each in a worker thread of its own and with its part of the processors: for work
 * that falls into parts which need nothing of each other, such as the pictures of a training batch. On an accelerator it is
 * one runtime, which has all of it.
 * @param parts of the work; there are not more runtimes than parts, nor than threads
 * @throws StyleError `E_DEVICE` when this machine has no such device
 */
export function createParallelRuntimes(parts: number, options: NativeRuntimeOptions = {}): Runtime[] {
  const threads = options.threads ?? availableParallelism();
  const count = resolveDevice(options.device ?? 'auto') === 'cpu' ? Math.min(parts, threads) : 1;
  return Array.from({ length: count }, (_, index) => {
    const own = Math.floor(threads / count) + (index < threads % count ? 1 : 0);
    return createWorkerRuntime({ ...options, threads: own });
  });
}
