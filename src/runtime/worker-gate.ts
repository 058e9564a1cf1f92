/** Places in the memory that the two threads share. */
const inside = 0;
const closed = 1;

/**
 * Keeps a worker from being ended inside ONNX Runtime: Node ends a thread wherever it is, and in the middle of native
 * code that aborts the whole process. The worker passes the gate for every request; who wants it to end closes the gate
 * and waits until the worker is outside.
 */
export class WorkerGate {
  private readonly flags: Int32Array;

  /** @param memory that of the other thread's gate */
  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.flags = new Int32Array(memory);
  }

  /** In the worker: does the work, unless the gate is closed. */
  async pass(work: () => Promise<void>): Promise<void> {
    Atomics.store(this.flags, inside, 1);
    try {
      if (Atomics.load(this.flags, closed) === 0) await work();
    } finally {
      Atomics.store(this.flags, inside, 0);
      Atomics.notify(this.flags, inside);
    }
  }

  /** Lets nothing more in. */
  close(): void {
    Atomics.store(this.flags, closed, 1);
  }

  /** Blocks this thread until the worker is outside; for the end of the process, where nothing else can wait. */
  waitUntilEmpty(): void {
    Atomics.wait(this.flags, inside, 1);
  }
}
