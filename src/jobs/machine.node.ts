import { availableParallelism } from 'node:os';
import { StyleError } from '../errors.js';
import type { DeviceName } from '../runtime/devices.node.js';
import type { Runtime } from '../runtime/runtime.js';
import { createWorkerRuntime } from '../runtime/worker-runtime.node.js';

/** What an order has to say of what computes. */
export interface MachineOrder {
  /** @defaultValue `auto` */
  readonly device?: DeviceName | undefined;
  /** @defaultValue the number of processors */
  readonly threads?: number | undefined;
  /** A runtime that is used and left alone, instead of `device` and `threads`. @defaultValue one in a worker thread */
  readonly runtime?: Runtime | undefined;
}

/**
 * Starts the runtime that an order asks for, hands it over and frees it afterwards.
 * @throws StyleError `E_ARGUMENT` for a number of threads that can't be
 */
export async function withRuntime<Result>(
  { device, threads, runtime }: MachineOrder,
  work: (runtime: Runtime) => Promise<Result>,
): Promise<Result> {
  if (runtime !== undefined) return work(runtime);
  const own = createWorkerRuntime({ device, threads: checkThreads(threads) });
  try {
    return await work(own);
  } finally {
    await own.dispose();
  }
}

/** @throws StyleError `E_ARGUMENT` when it is not a whole number from 1 to far more than any machine has */
export function checkThreads(threads: number = availableParallelism()): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= 1024) return threads;
  throw new StyleError(
    'E_ARGUMENT',
    `The number of threads can't be ${threads}.`,
    'It takes a whole number from 1 to 1024.',
  );
}
