import type { JobStatus } from './job.js';
import { jobStatuses } from './job.js';
import type { Added, JobEnd, JobStore, Lease, NewJob, StoredJob } from './job-store.js';
import { SqliteDatabase, type SqlRow, type SqlValue } from './sqlite-database.node.js';

const schema = `
  CREATE TABLE IF NOT EXISTS jobs (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    request TEXT NOT NULL,
    created INTEGER NOT NULL,
    idempotency_key TEXT,
    fingerprint TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'queued',
    started INTEGER,
    finished INTEGER,
    expires INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    result TEXT,
    lease_token TEXT,
    lease_until INTEGER,
    UNIQUE (owner, idempotency_key)
  );
  CREATE INDEX IF NOT EXISTS jobs_by_status ON jobs (status, place);
  CREATE INDEX IF NOT EXISTS jobs_by_owner ON jobs (owner, place);
  CREATE INDEX IF NOT EXISTS jobs_by_expiry ON jobs (expires)`;

/** Jobs in a file of SQLite's. Each change is one statement or one transaction, on the disk when its promise is kept. */
export class SqliteJobStore implements JobStore {
  private constructor(private readonly database: SqliteDatabase) {}

  /**
   * Opens the file, or makes it. Nobody else has it open, so that jobs which were running are not any more: they are queued again.
   * @throws StyleError `E_ARGUMENT` when another server has it open
   */
  static async open(path: string): Promise<SqliteJobStore> {
    const store = new SqliteJobStore(await SqliteDatabase.open(path, schema));
    await store.requeueExpired(Number.MAX_SAFE_INTEGER);
    return store;
  }

  async add(job: NewJob, queueLimit: number): Promise<Added> {
    const { id, owner, request, created, idempotencyKey = null, fingerprint } = job;
    return this.database.transaction((): Added => {
      const known =
        idempotencyKey === null
          ? undefined
          : this.one('SELECT * FROM jobs WHERE owner = ? AND idempotency_key = ?', owner, idempotencyKey);
      if (known !== undefined) return { kind: 'known', job: known };
      if (this.count('queued') >= queueLimit) return { kind: 'full' };
      const added = this.one(
        'INSERT INTO jobs (id, owner, request, created, idempotency_key, fingerprint) VALUES (?, ?, ?, ?, ?, ?) RETURNING *',
        ...[id, owner, JSON.stringify(request), created, idempotencyKey, fingerprint],
      );
      return { kind: 'added', job: added! };
    });
  }

  async get(id: string): Promise<StoredJob | undefined> {
    return this.one('SELECT * FROM jobs WHERE id = ?', id);
  }

  async list(
    owner: string,
    { limit, after }: { readonly limit: number; readonly after?: string | undefined },
  ): Promise<{ readonly jobs: readonly StoredJob[]; readonly next: string | undefined }> {
    const rows = this.database.all(
      'SELECT * FROM jobs WHERE owner = ? AND place < ? ORDER BY place DESC LIMIT ?',
      ...[owner, after === undefined ? Number.MAX_SAFE_INTEGER : Number(after), limit + 1],
    );
    const page = rows.slice(0, limit);
    const next = rows.length > limit ? String(page.at(-1)!['place']) : undefined;
    return { jobs: page.map(storedJob), next };
  }

  async claim({ token, until }: Lease, now: number): Promise<StoredJob | undefined> {
    return this.one(
      `UPDATE jobs SET status = 'running', started = coalesce(started, ?), lease_token = ?, lease_until = ?
       WHERE place = (SELECT place FROM jobs WHERE status = 'queued' ORDER BY place LIMIT 1) RETURNING *`,
      ...[now, token, until],
    );
  }

  async renew(id: string, { token, until }: Lease): Promise<'held' | 'cancelled' | 'lost'> {
    const job = this.one(
      `UPDATE jobs SET lease_until = ? WHERE id = ? AND lease_token = ? AND status = 'running' RETURNING *`,
      ...[until, id, token],
    );
    if (job === undefined) return 'lost';
    return job.cancelRequested ? 'cancelled' : 'held';
  }

  async finish(id: string, token: string, end: JobEnd): Promise<StoredJob | undefined> {
    return this.one(
      `UPDATE jobs SET status = ?, finished = ?, expires = ?, error = ?, result = ?, lease_token = NULL,
       attempts = attempts + ? WHERE id = ? AND lease_token = ? AND status = 'running' RETURNING *`,
      ...[end.status, end.finished, end.expires, json(end.error), json(end.result)],
      ...[end.failedAttempt === true ? 1 : 0, id, token],
    );
  }

  async release(id: string, token: string, failed: boolean): Promise<StoredJob | undefined> {
    return this.one(
      `UPDATE jobs SET status = 'queued', lease_token = NULL, attempts = attempts + ?
       WHERE id = ? AND lease_token = ? AND status = 'running' RETURNING *`,
      ...[failed ? 1 : 0, id, token],
    );
  }

  async cancel(id: string, end: JobEnd): Promise<StoredJob | undefined> {
    return this.database.transaction(() => {
      this.database.run(
        `UPDATE jobs SET status = ?, finished = ?, expires = ? WHERE id = ? AND status = 'queued'`,
        ...[end.status, end.finished, end.expires, id],
      );
      this.database.run(`UPDATE jobs SET cancel_requested = 1 WHERE id = ? AND status = 'running'`, id);
      return this.one('SELECT * FROM jobs WHERE id = ?', id);
    });
  }

  async remove(id: string): Promise<boolean> {
    return this.database.run('DELETE FROM jobs WHERE id = ?', id) === 1;
  }

  async requeueExpired(now: number): Promise<number> {
    return this.database.run(
      `UPDATE jobs SET status = 'queued', lease_token = NULL WHERE status = 'running' AND lease_until < ?`,
      now,
    );
  }

  async expired(now: number): Promise<readonly string[]> {
    return this.database.all('SELECT id FROM jobs WHERE expires < ?', now).map(({ id }) => String(id));
  }

  async counts(): Promise<Readonly<Record<JobStatus, number>>> {
    const rows = this.database.all('SELECT status, count(*) AS number FROM jobs GROUP BY status');
    const known = rows.map(({ status, number }) => [status, number] as const);
    const none = jobStatuses.map((status) => [status, 0] as const);
    return Object.fromEntries([...none, ...known]) as Record<JobStatus, number>;
  }

  async close(): Promise<void> {
    this.database.close();
  }

  private count(status: JobStatus): number {
    return Number(
      this.database.get('SELECT count(*) AS number FROM jobs WHERE status = ?', status)!['number'],
    );
  }

  private one(sql: string, ...values: SqlValue[]): StoredJob | undefined {
    const row = this.database.get(sql, ...values);
    return row && storedJob(row);
  }
}

const json = (value: object | undefined): string | null =>
  value === undefined ? null : JSON.stringify(value);

function storedJob(row: SqlRow): StoredJob {
  const text = (name: string): string => row[name] as string;
  const number = (name: string): number | undefined => (row[name] as number | null) ?? undefined;
  const object = <Value>(name: string): Value | undefined =>
    row[name] === null ? undefined : (JSON.parse(text(name)) as Value);
  return {
    ...{ id: text('id'), owner: text('owner'), request: object('request')! },
    ...{ created: number('created')!, fingerprint: text('fingerprint') },
    idempotencyKey: (row['idempotency_key'] as string | null) ?? undefined,
    ...{ status: text('status') as JobStatus, started: number('started') },
    ...{ finished: number('finished'), expires: number('expires'), attempts: number('attempts')! },
    ...{ cancelRequested: row['cancel_requested'] === 1, error: object('error'), result: object('result') },
  };
}
