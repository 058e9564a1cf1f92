import { createHash } from 'node:crypto';
import { Queue, Worker, type Job as Delivery } from 'bullmq';
import type { Redis } from 'ioredis';
import { jobStatuses, type ChildCounts, type JobResult, type JobStatus, type Problem } from './job.js';
import type { Added, JobEnd, JobStore, Lease, NewJob, RemovedJob, StoredJob } from './job-store.js';
import { queueScripts } from './queue-scripts.js';

/** What all names in the queue server begin with. */
const prefix = 'pastiche:';
const queueName = 'jobs';
/** How often whoever works on a job may disappear until the job is given up: it may be what makes them. */
const mostStalls = 10;
/** A job is delivered until its record says that it has ended; its identifier makes a second delivery the same one. */
const deliveryOptions = { removeOnComplete: true, removeOnFail: true } as const;
/** BullMQ's: from here on, in a queue that was never empty for long, jobs go first in, first out. */
const lastPriority = 2_097_151;

const givenUp: Problem = {
  code: 'E_WORKER',
  message: `The workers that computed it disappeared more than ${mostStalls} times.`,
  remedy: 'Use a smaller picture or a smaller size; if others fail too, tell who runs the service.',
};

type Fields = Readonly<Record<string, string>>;
/** Names and values in turn. */
type FieldList = readonly (string | number)[];

/**
 * Jobs in a queue server, for any number of servers and workers. A job's record is the truth of it, and only who holds its lease
 * changes it; BullMQ delivers jobs, and delivers those again whose workers have disappeared. A delivery may come twice, and is for
 * nothing where the record has ended.
 * That a job consists of others is in the records too, and not in flows of BullMQ's: these would be a second truth about which jobs
 * have ended, which deliveries only follow.
 */
export class QueueJobStore implements JobStore {
  private readonly queue: Queue;
  private deliverer: Worker | undefined;
  private readonly deliveries = new Map<string, Delivery>();

  /** @param leaseTime milliseconds that a lease lasts */
  constructor(
    private readonly redis: Redis,
    private readonly leaseTime: number,
    private readonly onError: (error: Error) => void,
  ) {
    this.queue = new Queue(queueName, { connection: redis, prefix: `${prefix}queue` });
    this.queue.on('error', onError);
  }

  async add(job: NewJob, queueLimit: number, children: readonly NewJob[] = []): Promise<Added> {
    const { id, owner, idempotencyKey } = job;
    const key = idempotencyKey === undefined ? '' : keyOf(owner, idempotencyKey);
    const [kind, fields] = await this.run<[Added['kind'], string[]?]>('add', [
      ...[id, owner, JSON.stringify(job), key, queueLimit],
      ...children.flatMap((child) => [child.id, JSON.stringify(child), child.round ?? 0]),
    ]);
    if (kind === 'full') return { kind };
    // Whoever has added the record may have ended before this; then the next one that asks does it, or the sweep.
    const stored = storedJob(fields!)!;
    if (stored.children !== undefined)
      await this.deliver((await this.children(stored.id)).map((child) => child.id));
    else if (stored.status === 'queued') await this.deliver([stored.id]);
    return { kind, job: stored };
  }

  async get(id: string): Promise<StoredJob | undefined> {
    return storedJob(await this.run<FieldList>('get', [id]));
  }

  async children(id: string): Promise<readonly StoredJob[]> {
    const found = await this.run<FieldList[]>('children', [id]);
    return found.map(storedJob).filter((job) => job !== undefined);
  }

  async list(
    owner: string,
    { limit, after }: { readonly limit: number; readonly after?: string | undefined },
  ): Promise<{ readonly jobs: readonly StoredJob[]; readonly next: string | undefined }> {
    const highest = after === undefined ? '+inf' : `(${after}`;
    const found = await this.redis.zrange(
      ...([`${prefix}owner:${owner}`, highest, '-inf', 'BYSCORE', 'REV'] as const),
      ...(['LIMIT', 0, limit + 1, 'WITHSCORES'] as const),
    );
    const places = found.filter((_, index) => index % 2 === 1);
    const ids = found.filter((_, index) => index % 2 === 0).slice(0, limit);
    const jobs = await Promise.all(ids.map((id) => this.get(id)));
    const next = places.length > limit ? places[limit - 1] : undefined;
    return { jobs: jobs.filter((job) => job !== undefined), next };
  }

  async claim({ token }: Lease, now: number): Promise<StoredJob | undefined> {
    for (;;) {
      const delivery = await this.delivered().getNextJob(token, { block: false });
      // BullMQ says null where there is none.
      if (!delivery) return undefined;
      const fields = await this.run<string[]>('claim', [delivery.id!, token, now]);
      const job = storedJob(fields);
      this.deliveries.set(token, delivery);
      if (job === undefined) await this.endDelivery(token);
      else if (Number(asRecord(fields)['stalls']) <= mostStalls) return job;
      else await this.giveUp(job, token, now);
    }
  }

  async renew(id: string, { token, until }: Lease): Promise<'held' | 'cancelled' | 'lost'> {
    const extended = await this.deliveries
      .get(token)
      ?.extendLock(token, until - Date.now())
      .catch(() => 0);
    if (extended !== 1) return 'lost';
    return this.run('renew', [id, token]);
  }

  async finish(id: string, token: string, end: JobEnd): Promise<StoredJob | undefined> {
    const { status, finished, expires, failedAttempt } = end;
    const attempts = failedAttempt === true ? 1 : 0;
    const fields = await this.run<string[]>('finish', [
      ...[id, token, status, JSON.stringify(end), finished, expires, attempts],
    ]);
    await this.endDelivery(token);
    return this.withNextRound(storedJob(fields));
  }

  /** Delivers what can be done now since a job has ended. Where this process ends before, the sweep does. */
  private async withNextRound(job: StoredJob | undefined): Promise<StoredJob | undefined> {
    if (job?.parent !== undefined)
      await this.deliver(await this.run<string[]>('opened', [job.parent, job.round ?? 0]));
    return job;
  }

  async release(id: string, token: string, failed: boolean): Promise<StoredJob | undefined> {
    const job = storedJob(await this.run<string[]>('release', [id, token, failed ? 1 : 0]));
    const delivery = this.deliveries.get(token);
    this.deliveries.delete(token);
    await delivery?.moveToWait(token).catch(this.onError);
    return job;
  }

  async cancel(id: string, end: JobEnd): Promise<StoredJob | undefined> {
    const { status, finished, expires } = end;
    const fields = await this.run<FieldList>('cancel', [id, status, JSON.stringify(end), finished, expires]);
    return this.withNextRound(storedJob(fields));
  }

  async remove(id: string): Promise<readonly RemovedJob[]> {
    const removed = await this.run<string[]>('remove', [id]);
    return Object.entries(asRecord(removed)).map(([one, status]) => ({
      id: one,
      status: status as JobStatus,
    }));
  }

  /** BullMQ delivers anew what has stalled; here those are delivered that never were. */
  async requeueExpired(): Promise<number> {
    const open = await Promise.all(
      (['queued', 'running'] as const).map((status) =>
        this.redis.zrange(`${prefix}status:${status}`, '0', '-1'),
      ),
    );
    const ids = open.flat();
    const known = await Promise.all(ids.map((id) => this.redis.exists(this.queue.toKey(id))));
    return this.deliver(ids.filter((_, index) => known[index] === 0));
  }

  async expired(now: number): Promise<readonly string[]> {
    return this.redis.zrange(`${prefix}expires`, '-inf', `(${now}`, 'BYSCORE');
  }

  async counts(): Promise<Readonly<Record<JobStatus, number>>> {
    const counted = jobStatuses.map(
      async (status) => [status, await this.redis.zcard(`${prefix}status:${status}`)] as const,
    );
    return Object.fromEntries(await Promise.all(counted)) as Record<JobStatus, number>;
  }

  async close(): Promise<void> {
    await this.deliverer?.close();
    await this.queue.close();
  }

  private run<Result>(
    name: keyof typeof queueScripts,
    values: readonly (string | number)[],
  ): Promise<Result> {
    return this.redis.eval(queueScripts[name], 1, prefix, ...values) as Promise<Result>;
  }

  /** Delivers those that can be done now, by their turns. @returns how many */
  private async deliver(ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    const waiting = Object.entries(asRecord(await this.run<FieldList>('waiting', ids)));
    await this.queue.addBulk(
      waiting.map(([jobId, turn]) => {
        const priority = Math.min(lastPriority, Number(turn) + 1);
        return { name: 'job', data: {}, opts: { ...deliveryOptions, jobId, priority } };
      }),
    );
    return waiting.length;
  }

  /** Takes deliveries, and looks for those whose workers have disappeared; a server without workers has none. */
  private delivered(): Worker {
    if (this.deliverer !== undefined) return this.deliverer;
    this.deliverer = new Worker(queueName, null, {
      ...{ connection: this.redis, prefix: `${prefix}queue`, autorun: false },
      ...{ lockDuration: this.leaseTime, stalledInterval: this.leaseTime / 2 },
      // They are counted in the record.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.deliverer.on('error', this.onError);
    this.deliverer.startStalledCheckTimer().catch(this.onError);
    return this.deliverer;
  }

  private async endDelivery(token: string): Promise<void> {
    const delivery = this.deliveries.get(token);
    this.deliveries.delete(token);
    // Where it was delivered to another one meanwhile, that one ends it.
    await delivery?.moveToCompleted(null, token, false).catch(() => undefined);
  }

  private async giveUp(job: StoredJob, token: string, now: number): Promise<void> {
    const keepTime = 86_400_000;
    const end = { status: 'failed', finished: now, expires: now + keepTime, error: givenUp } as const;
    await this.finish(job.id, token, end);
  }
}

/** Of any length, as one of its own. */
const keyOf = (owner: string, key: string): string =>
  createHash('sha256')
    .update(JSON.stringify([owner, key]))
    .digest('hex');

const asRecord = (fields: FieldList): Fields =>
  Object.fromEntries(
    fields.flatMap((name, index) => (index % 2 === 0 ? [[name, String(fields[index + 1]!)]] : [])),
  );

const storedJob = (fields: FieldList): StoredJob | undefined => fromFields(asRecord(fields));

function fromFields(fields: Fields): StoredJob | undefined {
  const { job, status, started, attempts, cancel, end, parent, children } = fields;
  if (job === undefined) return undefined;
  const ended = end === undefined ? undefined : (JSON.parse(end) as JobEnd);
  return {
    // JSON leaves out what is undefined.
    ...({ idempotencyKey: undefined, ...JSON.parse(job) } as NewJob),
    ...{ status: status as JobStatus, started: started === undefined ? undefined : Number(started) },
    finished: ended?.finished,
    expires: parent === undefined ? ended?.expires : undefined,
    attempts: Number(attempts),
    children: children === undefined ? undefined : childCounts(fields, Number(children)),
    cancelRequested: cancel !== undefined,
    error: ended?.error satisfies Problem | undefined,
    result: ended?.result satisfies JobResult | undefined,
  };
}

function childCounts(fields: Fields, total: number): ChildCounts {
  const counted = jobStatuses.map((status) => [status, Number(fields[`number:${status}`])] as const);
  return { total, ...(Object.fromEntries(counted) as Record<JobStatus, number>) };
}
