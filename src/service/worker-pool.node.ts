import { JobRunner, type RunnerSurroundings } from './job-runner.node.js';
import type { JobRequest } from './job-store.js';
import type { WorkerAnswer, WorkerRequest } from './worker-messages.js';
import { WorkerTurns } from './worker-turns.node.js';
import { Worker, type WorkerSettings } from './worker.node.js';

/** How many pictures in one pass, and how many uploads, may wait for their turn. */
const longestTurns = 32;
/** Seconds that reading the pictures of one upload may take. */
const checkSeconds = 60;

/** What is looked at beside pictures. */
export type CheckedMore = Pick<Extract<WorkerRequest, { type: 'check' }>, 'film' | 'divided'>;

/** The processes that compute: some for jobs, one for what is answered at once, one that looks whether uploads are pictures. */
export class WorkerPool {
  private readonly runners: readonly JobRunner[];
  private readonly fast: WorkerTurns;
  private readonly checks: WorkerTurns;

  /** @param jobs how many jobs are done at the same time */
  constructor(
    private readonly around: RunnerSurroundings,
    settings: WorkerSettings,
    jobs: number,
  ) {
    this.runners = Array.from({ length: jobs }, () => new JobRunner(new Worker(settings), around));
    this.fast = new WorkerTurns(new Worker(settings), longestTurns);
    this.checks = new WorkerTurns(new Worker(settings), longestTurns);
    around.feed.onSignal((signal) => {
      for (const runner of this.runners)
        if (signal.type === 'added') runner.wake();
        else if (runner.job === signal.job) runner.stopJob();
    });
  }

  /** Does in its folder what is asked for, before all jobs. */
  async runNow(folder: string, request: JobRequest, signal: AbortSignal): Promise<WorkerAnswer> {
    const { pixels, jobMemory, fastSeconds } = this.around.limits;
    return this.fast.ask(
      {
        ...{ type: 'run', request, folder, pictureFolder: folder, isOneOfSeveral: false },
        ...{ maxPixels: pixels, memoryLimit: jobMemory, stopAtOnce: false, saveEverySeconds: Infinity },
      },
      { memoryLimit: jobMemory, seconds: fastSeconds, signal },
    );
  }

  /** Reads uploaded files as pictures, and looks at a film, or how a picture can be divided. */
  async check(
    folder: string,
    files: readonly { readonly file: string; readonly name: string }[],
    { film, divided }: CheckedMore = {},
  ): Promise<WorkerAnswer> {
    const { pixels, jobMemory } = this.around.limits;
    const request = { type: 'check', folder, files, film, divided, maxPixels: pixels } as const;
    return this.checks.ask(request, { memoryLimit: jobMemory, seconds: checkSeconds });
  }

  /** Lets running jobs save where they stand, and ends all processes. */
  async close(): Promise<void> {
    this.checks.close();
    this.fast.close();
    await Promise.all(this.runners.map((runner) => runner.close()));
  }
}
