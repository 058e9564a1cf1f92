import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { StyleError } from '../errors.js';
import { keepResults, settleParent } from './job-control.node.js';
import type { JobFeed } from './job-feed.js';
import type { JobFiles } from './job-files.js';
import { stateName } from './job-output.node.js';
import {
  filesOf,
  isJoinedLater,
  joinsFilm,
  pictureTask,
  shownJob,
  type JobEnd,
  type JobRequest,
  type JobStore,
  type StoredJob,
} from './job-store.js';
import { segmentsOf } from './film-flow.js';
import { partsBefore } from './picture-flow.js';
import { withResultsOf } from './result-folders.node.js';
import type { Problem } from './job.js';
import { problemOf } from './problem.js';
import type { ServiceLimits } from './service-limits.js';
import type { WorkerAnswer } from './worker-messages.js';
import { tooLong } from './worker-turns.node.js';
import type { Worker } from './worker.node.js';

/** Milliseconds after which an idle worker looks for a job that nobody has told it of. */
const lookPause = 2000;
/** Milliseconds that work which was asked to stop has for its last step. */
const stopTime = 30_000;
/** How often a process may end at a job until the job is given up. */
const mostAttempts = 2;

/** What runners work on and with. */
export interface RunnerSurroundings {
  readonly store: JobStore;
  readonly files: JobFiles;
  readonly feed: JobFeed;
  readonly limits: ServiceLimits;
  /** Milliseconds that a lease lasts. */
  readonly leaseTime: number;
  /** Seconds between two saved states. */
  readonly saveEverySeconds: number;
  /** Told of each job that has ended, and of errors that are none of a job's. */
  readonly onEnd: (job: StoredJob) => void;
  readonly onError: (error: unknown) => void;
}

/** Where a job is done. */
interface Folders {
  readonly folder: string;
  readonly pictureFolder: string;
}

/** Takes jobs from the store and has a worker do them, one after the other. */
export class JobRunner {
  private current: string | undefined;
  /** Until when nobody else can have the current job. */
  private heldUntil = 0;
  private stopping = false;
  private wakeUp: () => void = () => undefined;
  private readonly loop: Promise<void>;

  constructor(
    private readonly worker: Worker,
    private readonly around: RunnerSurroundings,
  ) {
    this.loop = this.work();
  }

  /** The job that it does. */
  get job(): string | undefined {
    return this.current;
  }

  /** Tells an idle one that there is a job. */
  wake(): void {
    this.wakeUp();
  }

  /** Asks the current job to stop with the best so far. */
  stopJob(): void {
    this.worker.stop();
  }

  /** Lets the current job save where it stands, puts it back into the queue, and ends. */
  async close(): Promise<void> {
    this.stopping = true;
    this.wake();
    this.worker.stop();
    const timer = setTimeout(() => this.worker.end(), stopTime);
    await this.loop;
    clearTimeout(timer);
    this.worker.end();
  }

  private async work(): Promise<void> {
    while (!this.stopping) {
      const token = randomUUID();
      try {
        const now = Date.now();
        const job = await this.around.store.claim({ token, until: now + this.around.leaseTime }, now);
        if (job === undefined) await this.idle();
        else await this.perform(job, token);
      } catch (error) {
        this.around.onError(error);
        await this.idle();
      }
    }
  }

  private idle(): Promise<void> {
    if (this.stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, lookPause);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async perform(job: StoredJob, token: string): Promise<void> {
    const { store, files, feed, limits, leaseTime, onEnd } = this.around;
    this.current = job.id;
    this.heldUntil = Date.now() + leaseTime;
    feed.tell(job.id, { type: 'job', job: shownJob(job) });
    const lease = setInterval(() => void this.renew(job.id, token), leaseTime / 3);
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      this.worker.stop();
    }, limits.jobSeconds * 1000);
    const lastMoment = setTimeout(
      () => this.worker.end(tooLong(limits.jobSeconds)),
      limits.jobSeconds * 1000 + stopTime,
    );
    try {
      const folders = await this.checkOut(job).catch(async (error: unknown) => {
        // That is no fault of the job's: it waits until its files can be had again.
        await store.release(job.id, token, false);
        throw error;
      });
      const outcome = await this.ask(job, folders).catch((error: unknown) => error);
      const after = await this.conclude(job, token, outcome, late);
      if (after === undefined) {
        // It was deleted meanwhile, or is somebody else's.
        if ((await store.get(job.id)) === undefined) {
          await files.remove(job.id);
          if (job.parent !== undefined) await settleParent(this.around, job.parent);
        }
        return;
      }
      feed.tell(job.id, { type: 'job', job: shownJob(after) });
      if (after.status === 'queued') return;
      onEnd(after);
      await keepResults(files, after);
      if (job.parent !== undefined) await settleParent(this.around, job.parent);
      // Others may have waited for this one.
      if (isJoinedLater(job.request)) feed.signal({ type: 'added' });
    } finally {
      clearInterval(lease);
      clearTimeout(deadline);
      clearTimeout(lastMoment);
      this.current = undefined;
      await files.leave(job.id);
      if (job.parent !== undefined) await files.leave(job.parent);
    }
  }

  /** The folder that a job is done in, and that of its pictures. */
  private async checkOut({ id, parent, request }: StoredJob): Promise<Folders> {
    const { files } = this.around;
    // Both are left in the end, whether they could be had or not.
    const [own, shared] = await Promise.allSettled([
      files.checkOut(id),
      parent === undefined ? undefined : files.checkOut(parent, picturesOf(request)),
    ]);
    for (const one of [own, shared]) if (one.status === 'rejected') throw one.reason;
    const folder = (own as PromiseFulfilledResult<string>).value;
    return { folder, pictureFolder: (shared as PromiseFulfilledResult<string | undefined>).value ?? folder };
  }

  private async ask(job: StoredJob, folders: Folders): Promise<WorkerAnswer> {
    if (joinsFilm(job.request)) return this.joinSegments(job, folders);
    if (job.request.part === undefined) return this.run(job, folders);
    const { store, files, limits } = this.around;
    const before = partsBefore(job, await store.children(job.parent!));
    if (before === undefined) return { type: 'failed', problem: partsMissing('Parts of the picture') };
    return withResultsOf(files, before, (pathOf) => {
      const parts = before.map((part) => pathOf(part, part.result!.files[0]!.name));
      if (pictureTask(job.request) !== undefined) return this.run(job, folders, parts);
      const output = join(folders.folder, `result${job.request.suffix}`);
      return this.worker.ask({ type: 'assemble', output, parts }, { memoryLimit: limits.jobMemory });
    });
  }

  /** @param before files that a part of a picture needs of others */
  private async run(job: StoredJob, folders: Folders, before?: readonly string[]): Promise<WorkerAnswer> {
    const { files, feed, limits, saveEverySeconds, onError } = this.around;
    const answer = this.worker.ask(
      {
        ...{ type: 'run', request: job.request, ...folders, maxPixels: limits.pixels, before },
        isOneOfSeveral: job.parent !== undefined,
        ...{ memoryLimit: limits.jobMemory, stopAtOnce: job.cancelRequested, saveEverySeconds },
      },
      {
        memoryLimit: limits.jobMemory,
        onEvent: (event) => {
          if (event.type === 'progress') feed.tell(job.id, event);
          else if (event.type === 'saved') files.checkIn(job.id, [stateName]).catch(onError);
          else if (event.type === 'preview') {
            const image = Buffer.from(event.image).toString('base64');
            feed.tell(job.id, { type: 'preview', image });
          }
        },
      },
    );
    // Asked before the work began, it would not have been heard.
    if (this.stopping) this.worker.stop();
    return answer;
  }

  /** Has the segments of a film joined, which are all there now. */
  private async joinSegments(job: StoredJob, { folder, pictureFolder }: Folders): Promise<WorkerAnswer> {
    const { store, files, limits } = this.around;
    const children = await store.children(job.parent!);
    const others = children.filter(({ id }) => id !== job.id);
    return withResultsOf(files, others, async (pathOf) => {
      const segments = segmentsOf(children, pathOf);
      if (segments === undefined) {
        return { type: 'failed', problem: partsMissing('Segments of the film') };
      }
      const source = join(pictureFolder, filesOf(job.request)[0]!);
      const output = join(folder, `result${job.request.suffix}`);
      return this.worker.ask({ type: 'join', output, source, segments }, { memoryLimit: limits.jobMemory });
    });
  }

  private async renew(id: string, token: string): Promise<void> {
    const { store, leaseTime } = this.around;
    // Where the store doesn't answer in time, another one may have the job by now.
    if (Date.now() > this.heldUntil) this.worker.end();
    try {
      const until = Date.now() + leaseTime;
      const held = await store.renew(id, { token, until });
      if (held === 'lost') this.worker.end();
      else if (this.current === id) this.heldUntil = until;
      if (held === 'cancelled') this.worker.stop();
    } catch (error) {
      this.around.onError(error);
    }
  }

  /** What becomes of a job after its worker has answered, or has ended. */
  private async conclude(
    job: StoredJob,
    token: string,
    outcome: unknown,
    late: boolean,
  ): Promise<StoredJob | undefined> {
    const { store, files, limits } = this.around;
    const finished = Date.now();
    const expires = finished + limits.keepSeconds * 1000;
    const end = async (
      status: JobEnd['status'],
      { result, ...more }: Partial<JobEnd>,
    ): Promise<StoredJob | undefined> => {
      const published = result && { ...result, files: [...(await files.publish(job.id, result.files))] };
      return store.finish(job.id, token, { status, finished, expires, ...more, result: published });
    };
    if (!isWorkerAnswer(outcome)) return this.afterLoss(job, token, outcome, end);
    if (outcome.type === 'failed') return end('failed', { error: outcome.problem });
    const result = outcome.type === 'finished' ? outcome.result : undefined;
    if (result !== undefined && result.stopped !== 'cancelled') return end('done', { result });
    if (late) return end('failed', { error: problemOf(tooLong(limits.jobSeconds)), result });
    // Whoever stops the service wants the job done by the next one; who has cancelled it doesn't.
    const cancelled = (await store.get(job.id))?.cancelRequested === true;
    if (cancelled) return end('cancelled', { result });
    await files.checkIn(job.id, [stateName]);
    return store.release(job.id, token, false);
  }

  private async afterLoss(
    job: StoredJob,
    token: string,
    error: unknown,
    end: (status: 'failed', more: Partial<JobEnd>) => Promise<StoredJob | undefined>,
  ): Promise<StoredJob | undefined> {
    const { store, onError } = this.around;
    if (this.stopping) return store.release(job.id, token, false);
    if (!(error instanceof StyleError)) onError(error);
    if (error instanceof StyleError && error.code === 'E_TIME')
      return end('failed', { error: problemOf(error) });
    if (job.attempts + 1 < mostAttempts) return store.release(job.id, token, true);
    return end('failed', { error: problemOf(error), failedAttempt: true });
  }
}

/** The files of the whole that a job needs: who joins the parts of a picture doesn't look at it. */
const picturesOf = (request: JobRequest): readonly string[] =>
  request.part !== undefined && pictureTask(request) === undefined ? [] : filesOf(request);

const partsMissing = (what: string): Problem => ({
  code: 'E_CHILDREN',
  message: `${what} are missing, since they failed or were stopped.`,
  remedy: 'See what is wrong with these, and send it again.',
});

const isWorkerAnswer = (outcome: unknown): outcome is WorkerAnswer =>
  !(outcome instanceof Error) && typeof outcome === 'object' && outcome !== null && 'type' in outcome;
