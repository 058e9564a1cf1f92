import type { JobEvent, JobProgress } from './job.js';

/** What is told to those who work on jobs, wherever they are. Who misses one finds out a little later by itself. */
export type FeedSignal =
  | { readonly type: 'added' }
  /** A running job is to stop with the best so far. */
  | { readonly type: 'stop'; readonly job: string };

/** Tells those who follow a job of what happens to it, and those who work on jobs of what they are to do. */
export interface JobFeed {
  /** @returns ends the following */
  follow(job: string, listener: (event: JobEvent) => void): () => void;
  tell(job: string, event: JobEvent): void;
  /** How far a running job is. */
  progress(job: string): JobProgress | undefined;
  /** The last preview of a running job. */
  preview(job: string): JobEvent | undefined;
  signal(signal: FeedSignal): void;
  onSignal(listener: (signal: FeedSignal) => void): void;
}

/** A feed within one process. */
export class LocalJobFeed implements JobFeed {
  private readonly followers = new Map<string, Set<(event: JobEvent) => void>>();
  private readonly latest = new Map<string, { progress?: JobProgress; preview?: JobEvent }>();
  private readonly workers: ((signal: FeedSignal) => void)[] = [];

  follow(job: string, listener: (event: JobEvent) => void): () => void {
    const listeners = this.followers.get(job) ?? new Set();
    this.followers.set(job, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.followers.delete(job);
    };
  }

  tell(job: string, event: JobEvent): void {
    if (event.type === 'progress')
      this.latest.set(job, { ...this.latest.get(job), progress: event.progress });
    else if (event.type === 'preview') this.latest.set(job, { ...this.latest.get(job), preview: event });
    else if (event.job.status !== 'running') this.latest.delete(job);
    for (const listener of this.followers.get(job) ?? []) listener(event);
  }

  progress(job: string): JobProgress | undefined {
    return this.latest.get(job)?.progress;
  }

  preview(job: string): JobEvent | undefined {
    return this.latest.get(job)?.preview;
  }

  signal(signal: FeedSignal): void {
    for (const listener of this.workers) listener(signal);
  }

  onSignal(listener: (signal: FeedSignal) => void): void {
    this.workers.push(listener);
  }
}
