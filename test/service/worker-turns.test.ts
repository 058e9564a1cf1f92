import { describe, expect, it } from 'vitest';
import { WorkerTurns } from '../../src/service/worker-turns.node.js';
import type { WorkerAnswer, WorkerRequest } from '../../src/service/worker-messages.js';
import type { Worker } from '../../src/service/worker.node.js';

const request: WorkerRequest = { type: 'check', folder: 'none', files: [], maxPixels: 1 };
const bounds = { memoryLimit: 1e9, seconds: 60 };

/** A worker that answers nothing until it is ended. */
class BusyWorker implements Pick<Worker, 'ask' | 'stop' | 'end'> {
  asked = 0;
  private lose: (reason: Error) => void = () => undefined;

  ask(): Promise<WorkerAnswer> {
    this.asked += 1;
    return new Promise((_, lose) => (this.lose = lose));
  }

  stop(): void {
    this.end();
  }

  end(): void {
    this.lose(new Error('it was ended'));
  }
}

describe('WorkerTurns', () => {
  it('lets nothing start a process again once it is closed', async () => {
    const worker = new BusyWorker();
    const turns = new WorkerTurns(worker as unknown as Worker, 4);
    const first = turns.ask(request, bounds);
    const waiting = turns.ask(request, bounds);
    await Promise.resolve();
    turns.close();
    const stopping = { status: 503, code: 'E_WORKER', retryAfter: 5 };
    await expect(first).rejects.toMatchObject(stopping);
    await expect(waiting).rejects.toMatchObject(stopping);
    await expect(turns.ask(request, bounds)).rejects.toMatchObject(stopping);
    expect(worker.asked).toBe(1);
  });
});
