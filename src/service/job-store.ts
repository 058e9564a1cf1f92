import type { Job, JobResult, JobStatus, Problem } from './job.js';

/** What a person wants done, as it was checked when it was accepted. */
export interface JobRequest {
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly network?: string | undefined;
  /** The suffix of a picture's file, with its dot. */
  readonly suffix: string;
  /** By role, the names of files in the job's folder, or words. */
  readonly pictures: Readonly<Record<string, readonly RequestedPicture[]>>;
}

/** A file of the job's by its name, or a word that stands for a picture. */
export type RequestedPicture = { readonly file: string } | { readonly word: string };

/** A job that is about to be accepted; its files are stored already. */
export interface NewJob {
  readonly id: string;
  /** Whose it is: the identifier of an API key. */
  readonly owner: string;
  readonly request: JobRequest;
  readonly created: number;
  /** A job of the same owner and key is the same job. */
  readonly idempotencyKey: string | undefined;
  /** What the request is, files included: a key that comes with another one was used twice. */
  readonly fingerprint: string;
}

/** A job as it is stored. Times are milliseconds since 1970. */
export interface StoredJob extends NewJob {
  readonly status: JobStatus;
  readonly started: number | undefined;
  readonly finished: number | undefined;
  readonly expires: number | undefined;
  /** How many times the process that computed it ended before its time. */
  readonly attempts: number;
  /** Whether it is to stop with the best so far. */
  readonly cancelRequested: boolean;
  readonly error: Problem | undefined;
  readonly result: JobResult | undefined;
}

/** The right to work on a job, until another one has it. */
export interface Lease {
  readonly token: string;
  readonly until: number;
}

/** How a job ends. */
export interface JobEnd {
  readonly status: 'done' | 'failed' | 'cancelled';
  readonly finished: number;
  readonly expires: number;
  /** Whether the process that computed it ended before its time. */
  readonly failedAttempt?: boolean;
  readonly error?: Problem | undefined;
  readonly result?: JobResult | undefined;
}

/** What became of a job that was to be added. */
export type Added =
  | { readonly kind: 'added' | 'known'; readonly job: StoredJob }
  /** The queue is full. */
  | { readonly kind: 'full' };

/**
 * Where jobs are kept and taken from. What a promise says has happened survives the end of the process: a job that was added is
 * not lost. Only who holds a job's lease changes it, so that none is done twice.
 */
export interface JobStore {
  /** @param queueLimit how many may be queued. A job of the same owner and idempotency key is given back instead. */
  add(job: NewJob, queueLimit: number): Promise<Added>;
  get(id: string): Promise<StoredJob | undefined>;
  /** Newest first. @param after the cursor of the page before */
  list(
    owner: string,
    page: { readonly limit: number; readonly after?: string | undefined },
  ): Promise<{ readonly jobs: readonly StoredJob[]; readonly next: string | undefined }>;
  /** Takes the oldest queued job. */
  claim(lease: Lease, now: number): Promise<StoredJob | undefined>;
  /** @returns whether the job is still this lease's, and whether it is to stop */
  renew(id: string, lease: Lease): Promise<'held' | 'cancelled' | 'lost'>;
  /** @returns the job as it ended; undefined where it is not this lease's any more */
  finish(id: string, token: string, end: JobEnd): Promise<StoredJob | undefined>;
  /** Puts it back into the queue, where it was. @param failed whether that counts as an attempt */
  release(id: string, token: string, failed: boolean): Promise<StoredJob | undefined>;
  /** A queued job ends; a running one is to stop. One that has ended stays as it is. @param end of a queued job */
  cancel(id: string, end: JobEnd): Promise<StoredJob | undefined>;
  /** @returns whether there was one */
  remove(id: string): Promise<boolean>;
  /** Puts running jobs whose lease is over back into the queue. @returns how many */
  requeueExpired(now: number): Promise<number>;
  /** Jobs whose time is over. */
  expired(now: number): Promise<readonly string[]>;
  counts(): Promise<Readonly<Record<JobStatus, number>>>;
  close(): Promise<void>;
}

const isoTime = (time: number | undefined): string | null =>
  time === undefined ? null : new Date(time).toISOString();

/** A stored job as the service shows it. */
export function shownJob(stored: StoredJob, progress: Job['progress'] = null): Job {
  const { id, request, status, created, started, finished, expires, attempts, error, result } = stored;
  return {
    ...{ id, method: request.method, status, attempts },
    created: new Date(created).toISOString(),
    started: isoTime(started),
    finished: isoTime(finished),
    expires: isoTime(expires),
    progress: status === 'running' ? progress : null,
    error: error ?? null,
    result: result ?? null,
  };
}
