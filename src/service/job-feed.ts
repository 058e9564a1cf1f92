import type { JobEvent, JobProgress } from './job.js';

/** Tells those who follow a job of what happens to it. */
export class JobFeed {
  private readonly followers = new Map<string, Set<(event: JobEvent) => void>>();
  private readonly latest = new Map<string, { progress?: JobProgress; preview?: JobEvent }>();

  /** @returns ends the following */
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
    if (event.type === 'preview') this.latest.set(job, { ...this.latest.get(job), preview: event });
    for (const listener of this.followers.get(job) ?? []) listener(event);
  }

  /** How far a running job is. */
  progress(job: string): JobProgress | undefined {
    return this.latest.get(job)?.progress;
  }

  /** The last preview of a running job. */
  preview(job: string): JobEvent | undefined {
    return this.latest.get(job)?.preview;
  }

  /** Forgets a job that doesn't run any more. */
  forget(job: string): void {
    this.latest.delete(job);
  }
}
