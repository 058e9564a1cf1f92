/** Indices in the memory that the two threads share. */
const inside = 0;
const closed = 1;

/**
 * Keeps a worker from being terminated inside ONNX Runtime: Node terminates a thread at any point, and inside native code
 * that aborts the whole process. The worker passes the gate for every request; to terminate it, close the gate and wait
 * until the worker is outside.
 */
export class WorkerGate {
  private readonly flags: Int32Array;

  /** @param memory that of the other thread's gate */
  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.flags = new Int32Array(memory);
  }

  /** In the worker: runs the task, unless the gate is closed. */
  async pass(task: () => Promise<void>): Promise<void> {
    Atomics.store(this.flags, inside, 1);
    try {
      if (Atomics.load(this.flags, closed) === 0) await task();
    } finally {
      Atomics.store(this.flags, inside, 0);
      Atomics.notify(this.flags, inside);
    }
  }

  /** Makes {@link pass} skip all further tasks. */
  close(): void {
    Atomics.store(this.flags, closed, 1);
  }

  /** Blocks this thread until the worker is outside; for the process' exit, where nothing asynchronous runs any more. */
  waitUntilEmpty(): void {
    Atomics.wait(this.flags, inside, 1);
  }
}
