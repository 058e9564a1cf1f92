import type { SegmentRequest } from '../films/film-segments.js';
import type { ChildCounts, Job, JobResult, JobStatus, Problem } from './job.js';

/** What a person wants done, as it was checked when it was accepted. */
export interface JobRequest {
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly network?: string | undefined;
  /** The suffix of a picture's file, with its dot. */
  readonly suffix: string;
  /** By role, the names of files in the job's folder, or words. */
  readonly pictures: Readonly<Record<string, readonly RequestedPicture[]>>;
  /** Of a part of a film: the frames that are done, or that these are joined. */
  readonly film?: FilmPart | undefined;
  /** Of a part of a large picture: which one it is, or that all of them are joined. */
  readonly part?: PictureTask | undefined;
}

/** What is done of a large picture: one of `count` parts is measured, in the round after `rounds` painted; then they are joined. */
export type PictureTask =
  | { readonly number: number; readonly count: number; readonly round: number; readonly rounds: number }
  | { readonly join: true; readonly rounds: number };

/** What is done of a film: `number` of `count` segments, which are then joined. */
export type FilmPart =
  (SegmentRequest & { readonly number: number; readonly count: number }) | { readonly join: true };

/** What a job does of a film's frames; undefined where it does none, or joins them. */
export const filmSegment = ({ film }: JobRequest): Exclude<FilmPart, { join: true }> | undefined =>
  film === undefined || 'join' in film ? undefined : film;

/** Whether a job joins the segments of a film. */
export const joinsFilm = ({ film }: JobRequest): boolean => film !== undefined && 'join' in film;

/** What a job does of a picture's parts; undefined where it does none, or joins them. */
export const pictureTask = ({ part }: JobRequest): Exclude<PictureTask, { join: true }> | undefined =>
  part === undefined || 'join' in part ? undefined : part;

/** Whether what comes of a job is there to be joined, and no result of the whole. */
export const isJoinedLater = (request: JobRequest): boolean =>
  filmSegment(request) !== undefined || pictureTask(request) !== undefined;

/** See {@link NewJob.round}. */
export function roundOf(request: JobRequest): number {
  const { part } = request;
  if (part !== undefined) return 'join' in part ? part.rounds + 1 : part.round;
  return joinsFilm(request) ? 1 : 0;
}

/**
 * A file by its name in the job's folder, or in that of the job that it is a part of, with what it is called where there are several
 * of its role; or a word that stands for a picture.
 */
export type RequestedPicture =
  { readonly file: string; readonly name?: string | undefined } | { readonly word: string };

/** The names of all files of a request. */
export const filesOf = ({ pictures }: JobRequest): readonly string[] =>
  Object.values(pictures)
    .flat()
    .flatMap((picture) => ('file' in picture ? [picture.file] : []));

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
  /** The job of several that it is a part of; the pictures are that one's. */
  readonly parent?: string | undefined;
  /** It is done when those of its parent with a smaller number have ended, and not before. @defaultValue 0 */
  readonly round?: number | undefined;
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
  /**
   * Of a job of several photographs. It is nobody's work itself: its status follows from those of its parts, and changes with them in
   * one step, so that it can't be left behind.
   */
  readonly children: ChildCounts | undefined;
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

/** What was removed, and where it stood then. */
export interface RemovedJob {
  readonly id: string;
  readonly status: JobStatus;
}

/**
 * Where jobs are kept and taken from. What a promise says has happened survives the end of the process: a job that was added is
 * not lost. Only who holds a job's lease changes it, so that none is done twice.
 * A job may consist of others. It is `running` from the first one's beginning, and ends with the last one: `cancelled` where one of
 * them was, else `failed` where one has, else `done`.
 */
export interface JobStore {
  /**
   * @param queueLimit how many may be queued. A job of the same owner and idempotency key is given back instead.
   * @param children the jobs that it consists of, in order: added with it or not at all. They are what is queued then, and not itself.
   */
  add(job: NewJob, queueLimit: number, children?: readonly NewJob[]): Promise<Added>;
  get(id: string): Promise<StoredJob | undefined>;
  /** The jobs that a job consists of, in order. */
  children(id: string): Promise<readonly StoredJob[]>;
  /** Newest first, without those that are parts of others. @param after the cursor of the page before */
  list(
    owner: string,
    page: { readonly limit: number; readonly after?: string | undefined },
  ): Promise<{ readonly jobs: readonly StoredJob[]; readonly next: string | undefined }>;
  /**
   * Takes a queued job whose round has come. Jobs have turns: parts of one job have one after the other, so have jobs of one owner that are
   * no parts, and each begins with the turn that it is now. So a job with many parts is no reason to wait for all of them. Within a turn
   * the oldest goes first.
   */
  claim(lease: Lease, now: number): Promise<StoredJob | undefined>;
  /** @returns whether the job is still this lease's, and whether it is to stop */
  renew(id: string, lease: Lease): Promise<'held' | 'cancelled' | 'lost'>;
  /** @returns the job as it ended; undefined where it is not this lease's any more */
  finish(id: string, token: string, end: JobEnd): Promise<StoredJob | undefined>;
  /** Puts it back into the queue, where it was. @param failed whether that counts as an attempt */
  release(id: string, token: string, failed: boolean): Promise<StoredJob | undefined>;
  /**
   * A queued job ends; a running one is to stop. One that has ended stays as it is. Of a job of several all are meant.
   * @param end of a queued job
   */
  cancel(id: string, end: JobEnd): Promise<StoredJob | undefined>;
  /** Removes a job with those that it consists of. @returns all of them; none where there was no such job */
  remove(id: string): Promise<readonly RemovedJob[]>;
  /** Puts running jobs whose lease is over back into the queue. @returns how many */
  requeueExpired(now: number): Promise<number>;
  /** Jobs whose time is over, without those that are parts of others. */
  expired(now: number): Promise<readonly string[]>;
  /** How many there are to do, are done and so on; a job of several photographs counts as these. */
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
    ...{ children: null, parent: stored.parent ?? null, name: photographName(stored) ?? null },
  };
}

/** What the photograph of a part of a job is called. */
export function photographName({
  parent,
  request,
}: Pick<StoredJob, 'parent' | 'request'>): string | undefined {
  if (parent === undefined) return undefined;
  // Only photographs have names: of other roles nobody needs to tell one from another.
  const named = Object.values(request.pictures)
    .flat()
    .find((picture) => 'file' in picture && picture.name !== undefined);
  const name = named !== undefined && 'file' in named ? named.name : undefined;
  const segment = filmSegment(request);
  if (segment !== undefined) return `${name} ${segment.number}/${segment.count}`;
  const task = pictureTask(request);
  if (task === undefined) return name;
  const { number, count, round, rounds } = task;
  return `${number}/${count}, round ${round + 1}/${rounds + 1}`;
}
