import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { WorkerGate } from '../../src/runtime/worker-gate.js';

describe('the gate of a worker', () => {
  it('lets work through until it is closed, also from the other side', async () => {
    const callers = new WorkerGate();
    const workers = new WorkerGate(callers.memory);
    let done = 0;
    const work = (): Promise<void> => Promise.resolve(void (done += 1));
    await workers.pass(work);
    callers.close();
    await workers.pass(work);
    expect(done).toBe(1);
  });

  it('is empty again after work that fails', async () => {
    const gate = new WorkerGate();
    await expect(gate.pass(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    gate.waitUntilEmpty();
  });

  it('makes the caller wait while another thread is inside', async () => {
    const gate = new WorkerGate();
    const marks = new Int32Array(new SharedArrayBuffer(4));
    // A thread that goes inside, as the gate does it, stays a while, leaves its mark and goes.
    const worker = new Worker(
      `const { workerData: { gate, marks }, parentPort } = require('node:worker_threads');
      const flags = new Int32Array(gate);
      Atomics.store(flags, 0, 1);
      parentPort.postMessage('inside');
      Atomics.wait(flags, 0, 1, 50);
      Atomics.store(marks, 0, 1);
      Atomics.store(flags, 0, 0);
      Atomics.notify(flags, 0);`,
      { eval: true, workerData: { gate: gate.memory, marks } },
    );
    await new Promise((resolve) => worker.once('message', resolve));
    gate.waitUntilEmpty();
    expect(marks[0]).toBe(1);
    await worker.terminate();
  });
});
