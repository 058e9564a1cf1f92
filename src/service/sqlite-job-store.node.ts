import { jobStatuses, type ChildCounts, type JobStatus } from './job.js';
import type { Added, JobEnd, JobStore, Lease, NewJob, RemovedJob, StoredJob } from './job-store.js';
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

/** What came later: a file of before gets it when it is opened. */
const laterColumns = {
  parent: 'TEXT',
  has_children: 'INTEGER NOT NULL DEFAULT 0',
  round: 'INTEGER NOT NULL DEFAULT 0',
  turn: 'INTEGER NOT NULL DEFAULT 0',
} as const;
const laterIndexes = `
  CREATE INDEX IF NOT EXISTS jobs_by_parent ON jobs (parent, place) WHERE parent IS NOT NULL;
  CREATE INDEX IF NOT EXISTS jobs_listed ON jobs (owner, place) WHERE parent IS NULL;
  CREATE INDEX IF NOT EXISTS jobs_by_turn ON jobs (status, turn, place) WHERE has_children = 0`;

/** Whether an open job of the same parent is of an earlier round. */
const isEarly = `EXISTS (SELECT 1 FROM jobs other WHERE other.parent = jobs.parent AND other.round < jobs.round
  AND other.status IN ('queued', 'running'))`;

/** Jobs in a file of SQLite's. Each change is one statement or one transaction, on the disk when its promise is kept. */
export class SqliteJobStore implements JobStore {
  private constructor(private readonly database: SqliteDatabase) {}

  /**
   * Opens the file, or makes it. Nobody else has it open, so that jobs which were running are not any more: they are queued again.
   * @throws StyleError `E_ARGUMENT` when another server has it open
   */
  static async open(path: string): Promise<SqliteJobStore> {
    const database = await SqliteDatabase.open(path, schema);
    const known = database.all('SELECT name FROM pragma_table_info(?)', 'jobs').map(({ name }) => name);
    for (const [name, type] of Object.entries(laterColumns))
      if (!known.includes(name)) database.run(`ALTER TABLE jobs ADD COLUMN ${name} ${type}`);
    for (const index of laterIndexes.split(';')) database.run(index);
    const store = new SqliteJobStore(database);
    await store.requeueExpired(Number.MAX_SAFE_INTEGER);
    return store;
  }

  async add(job: NewJob, queueLimit: number, children: readonly NewJob[] = []): Promise<Added> {
    const { owner, idempotencyKey } = job;
    return this.database.transaction((): Added => {
      const known =
        idempotencyKey === undefined
          ? undefined
          : this.one('SELECT * FROM jobs WHERE owner = ? AND idempotency_key = ?', owner, idempotencyKey);
      if (known !== undefined) return { kind: 'known', job: known };
      if (this.count('queued') + Math.max(1, children.length) > queueLimit) return { kind: 'full' };
      const turn = this.nextTurn();
      if (children.length === 0) this.insert(job, this.turnAfterOthersOf(owner, turn));
      else this.insert(job, turn, true);
      for (const [index, child] of children.entries()) this.insert(child, turn + index);
      return { kind: 'added', job: this.one('SELECT * FROM jobs WHERE id = ?', job.id)! };
    });
  }

  private insert(job: NewJob, turn: number, hasChildren = false): void {
    const { id, owner, request, created, idempotencyKey = null, fingerprint } = job;
    const { parent = null, round = 0 } = job;
    this.database.run(
      `INSERT INTO jobs (id, owner, request, created, idempotency_key, fingerprint, parent, has_children, round, turn)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, owner, JSON.stringify(request), created, idempotencyKey, fingerprint],
      ...[parent, hasChildren ? 1 : 0, round, turn],
    );
  }

  /** That of the next job that is done; where none waits, of the last one that was begun, which may come back. */
  private nextTurn(): number {
    const turnOf = (which: 'min' | 'max', status: JobStatus): number | null =>
      this.database.get(
        `SELECT ${which}(turn) AS turn FROM jobs WHERE status = ? AND has_children = 0`,
        status,
      )!['turn'] as number | null;
    return turnOf('min', 'queued') ?? turnOf('max', 'running') ?? 0;
  }

  /** A turn for a job that is no part of another one, after those of its owner's that wait. */
  private turnAfterOthersOf(owner: string, next: number): number {
    const { turn } = this.database.get(
      `SELECT max(turn) AS turn FROM jobs WHERE owner = ? AND parent IS NULL AND has_children = 0 AND status = 'queued'`,
      owner,
    )!;
    return turn === null ? next : Math.max(next, (turn as number) + 1);
  }

  async get(id: string): Promise<StoredJob | undefined> {
    return this.one('SELECT * FROM jobs WHERE id = ?', id);
  }

  async children(id: string): Promise<readonly StoredJob[]> {
    const rows = this.database.all('SELECT * FROM jobs WHERE parent = ? ORDER BY place', id);
    return rows.map((row) => this.stored(row));
  }

  async list(
    owner: string,
    { limit, after }: { readonly limit: number; readonly after?: string | undefined },
  ): Promise<{ readonly jobs: readonly StoredJob[]; readonly next: string | undefined }> {
    const rows = this.database.all(
      'SELECT * FROM jobs WHERE owner = ? AND parent IS NULL AND place < ? ORDER BY place DESC LIMIT ?',
      ...[owner, after === undefined ? Number.MAX_SAFE_INTEGER : Number(after), limit + 1],
    );
    const page = rows.slice(0, limit);
    const next = rows.length > limit ? String(page.at(-1)!['place']) : undefined;
    return { jobs: page.map((row) => this.stored(row)), next };
  }

  async claim({ token, until }: Lease, now: number): Promise<StoredJob | undefined> {
    return this.database.transaction(() => {
      const job = this.one(
        `UPDATE jobs SET status = 'running', started = coalesce(started, ?), lease_token = ?, lease_until = ?
         WHERE place = (SELECT place FROM jobs WHERE status = 'queued' AND has_children = 0 AND NOT (round > 0 AND ${isEarly})
           ORDER BY turn, place LIMIT 1)
         RETURNING *`,
        ...[now, token, until],
      );
      if (job?.parent !== undefined) {
        this.database.run(
          `UPDATE jobs SET status = 'running', started = ? WHERE id = ? AND status = 'queued'`,
          ...[now, job.parent],
        );
      }
      return job;
    });
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
    return this.database.transaction(() => {
      const job = this.one(
        `UPDATE jobs SET status = ?, finished = ?, expires = iif(parent IS NULL, ?, NULL), error = ?, result = ?,
         lease_token = NULL, attempts = attempts + ?
         WHERE id = ? AND lease_token = ? AND status = 'running' RETURNING *`,
        ...[end.status, end.finished, end.expires, json(end.error), json(end.result)],
        ...[end.failedAttempt === true ? 1 : 0, id, token],
      );
      if (job?.parent !== undefined) this.endWithChildren(job.parent, end);
      return job;
    });
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
        `UPDATE jobs SET status = ?, finished = ?, expires = iif(parent IS NULL, ?, NULL)
         WHERE (id = ? OR parent = ?) AND has_children = 0 AND status = 'queued'`,
        ...[end.status, end.finished, end.expires, id, id],
      );
      this.database.run(
        `UPDATE jobs SET cancel_requested = 1 WHERE (id = ? OR parent = ?) AND status IN ('queued', 'running')`,
        ...[id, id],
      );
      this.endWithChildren(this.one('SELECT * FROM jobs WHERE id = ?', id)?.parent ?? id, end);
      return this.one('SELECT * FROM jobs WHERE id = ?', id);
    });
  }

  /** Ends a job with the last of those that it consists of. */
  private endWithChildren(id: string, { finished, expires }: JobEnd): void {
    const { total, queued, running, cancelled, failed } = this.childCounts(id);
    if (total === 0 || queued + running > 0) return;
    const status: JobStatus = cancelled > 0 ? 'cancelled' : failed > 0 ? 'failed' : 'done';
    this.database.run(
      `UPDATE jobs SET status = ?, finished = ?, expires = ? WHERE id = ? AND status IN ('queued', 'running')`,
      ...[status, finished, expires, id],
    );
  }

  async remove(id: string): Promise<readonly RemovedJob[]> {
    const rows = this.database.all(
      'DELETE FROM jobs WHERE id = ? OR parent = ? RETURNING id, status',
      id,
      id,
    );
    return rows.map((row) => ({ id: String(row['id']), status: row['status'] as JobStatus }));
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
    return byStatus(
      this.database.all('SELECT status, count(*) AS number FROM jobs WHERE has_children = 0 GROUP BY status'),
    );
  }

  private childCounts(id: string): ChildCounts {
    const counts = byStatus(
      this.database.all('SELECT status, count(*) AS number FROM jobs WHERE parent = ? GROUP BY status', id),
    );
    return { total: Object.values(counts).reduce((sum, number) => sum + number), ...counts };
  }

  async close(): Promise<void> {
    this.database.close();
  }

  private count(status: JobStatus): number {
    return Number(
      this.database.get('SELECT count(*) AS number FROM jobs WHERE status = ? AND has_children = 0', status)![
        'number'
      ],
    );
  }

  private one(sql: string, ...values: SqlValue[]): StoredJob | undefined {
    const row = this.database.get(sql, ...values);
    return row && this.stored(row);
  }

  private stored(row: SqlRow): StoredJob {
    const job = storedJob(row);
    return row['has_children'] === 1 ? { ...job, children: this.childCounts(job.id) } : job;
  }
}

function byStatus(rows: readonly SqlRow[]): Record<JobStatus, number> {
  const known = rows.map(({ status, number }) => [status, number] as const);
  const none = jobStatuses.map((status) => [status, 0] as const);
  return Object.fromEntries([...none, ...known]) as Record<JobStatus, number>;
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
    ...{ parent: (row['parent'] as string | null) ?? undefined, children: undefined },
    round: number('round')!,
  };
}
