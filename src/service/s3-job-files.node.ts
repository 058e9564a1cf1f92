import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, openAsBlob } from 'node:fs';
import { link, mkdir, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ResultFile } from './job.js';
import type { JobFiles, StoredFile } from './job-files.js';
import type { S3Bucket } from './s3-bucket.node.js';

/** How often a file that ends too early is fetched. */
const fetchTries = 3;

/** A job's name: nothing else in a bucket is taken for one, and deleted. */
const jobPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The files of jobs in S3-compatible storage, under `jobs/ID/`. What is worked on is in a folder of this process, which is removed when
 * nobody here works on the job any more.
 */
export class S3JobFiles implements JobFiles {
  /** How many work in a job's folder. */
  private readonly users = new Map<string, number>();
  /** The last check-in of each job, and the one that has not begun yet. */
  private readonly checkIns = new Map<string, Promise<void>>();
  private readonly waiting = new Map<string, { readonly names: Set<string>; readonly done: Promise<void> }>();

  private constructor(
    private readonly bucket: S3Bucket,
    private readonly scratch: string,
  ) {}

  /** @throws StyleError `E_STORAGE` when the bucket can't be used */
  static async open(bucket: S3Bucket): Promise<S3JobFiles> {
    await bucket.check();
    return new S3JobFiles(bucket, await mkdtemp(join(tmpdir(), 'pastiche-pictures-')));
  }

  /** Removes the folders of this process. */
  async close(): Promise<void> {
    await Promise.allSettled(this.checkIns.values());
    await rm(this.scratch, { recursive: true, force: true });
  }

  /** It stays in the folder as well, where it is looked at next. */
  async save(job: string, name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const path = join(this.scratch, job, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const handle = await open(path, 'wx', 0o600);
    try {
      for await (const bytes of content) await handle.write(bytes);
      await handle.close();
      await this.bucket.put(this.keyOf(job, name), await openAsBlob(path), await digestOf(path));
    } catch (error) {
      await handle.close().catch(() => undefined);
      await rm(path, { force: true });
      throw error;
    }
  }

  async read(job: string, name: string): Promise<StoredFile | undefined> {
    return this.bucket.get(this.keyOf(job, name));
  }

  async checkOut(job: string, names?: readonly string[]): Promise<string> {
    this.users.set(job, (this.users.get(job) ?? 0) + 1);
    const folder = join(this.scratch, job);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of names ?? (await this.names(job))) await this.fetch(job, name, join(folder, name));
    return folder;
  }

  /** One at a time for each job; what is asked for meanwhile is stored once after it, as it is then. */
  checkIn(job: string, names: readonly string[]): Promise<void> {
    const waiting = this.waiting.get(job);
    if (waiting !== undefined) {
      for (const name of names) waiting.names.add(name);
      return waiting.done;
    }
    const all = new Set(names);
    const before = this.checkIns.get(job) ?? Promise.resolve();
    const done = before
      .catch(() => undefined)
      .then(async () => {
        this.waiting.delete(job);
        for (const name of all) {
          await this.upload(job, name, (key, body, sha256) => this.bucket.put(key, body, sha256));
        }
      })
      .finally(() => {
        if (this.checkIns.get(job) === done) this.checkIns.delete(job);
      });
    this.waiting.set(job, { names: all, done });
    this.checkIns.set(job, done);
    return done;
  }

  async publish(job: string, results: readonly ResultFile[]): Promise<readonly ResultFile[]> {
    const published: ResultFile[] = [];
    for (const result of results) {
      const key = this.keyOf(job, result.name);
      await this.upload(job, result.name, (_, body, sha256) => this.bucket.putOnce(key, body, sha256));
      const bytes = await this.bucket.bytesOf(key);
      if (bytes !== undefined) published.push({ ...result, bytes });
    }
    return published;
  }

  async leave(job: string): Promise<void> {
    await this.settled(job);
    const users = (this.users.get(job) ?? 0) - 1;
    if (users > 0) this.users.set(job, users);
    else {
      this.users.delete(job);
      await rm(join(this.scratch, job), { recursive: true, force: true, maxRetries: 3 });
    }
  }

  async keepOnly(job: string, names: readonly string[]): Promise<void> {
    await this.settled(job);
    for (const name of await this.names(job)) {
      if (!names.includes(name)) await this.bucket.remove(this.keyOf(job, name));
    }
  }

  async remove(job: string): Promise<void> {
    await this.keepOnly(job, []);
    if (!this.users.has(job))
      await rm(join(this.scratch, job), { recursive: true, force: true, maxRetries: 3 });
  }

  async jobs(): Promise<readonly { readonly id: string; readonly changed: number }[]> {
    const found = new Map<string, number>();
    const folder = this.bucket.keyOf('jobs/');
    for await (const { key, changed } of this.bucket.list(folder)) {
      const id = key.slice(folder.length).split('/', 1)[0]!;
      if (jobPattern.test(id)) found.set(id, Math.max(found.get(id) ?? 0, changed));
    }
    return [...found].map(([id, changed]) => ({ id, changed }));
  }

  private keyOf(job: string, name: string): string {
    return this.bucket.keyOf(`jobs/${job}/${name}`);
  }

  private async names(job: string): Promise<string[]> {
    const folder = this.keyOf(job, '');
    const names: string[] = [];
    for await (const { key } of this.bucket.list(folder)) names.push(key.slice(folder.length));
    return names;
  }

  private async settled(job: string): Promise<void> {
    await Promise.allSettled([this.checkIns.get(job)]);
  }

  /** Fetches a file unless it is here; one that ends too early is fetched again. */
  private async fetch(job: string, name: string, path: string): Promise<void> {
    if (await isFile(path)) return;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const partial = `${path}.${randomUUID()}.part`;
    for (let attempt = 1; ; attempt++) {
      const file = await this.bucket.get(this.keyOf(job, name));
      // It was deleted meanwhile.
      if (file === undefined) return;
      try {
        await pipeline(file.content, createWriteStream(partial, { mode: 0o600 }));
        return await rename(partial, path);
      } catch (error) {
        await rm(partial, { force: true });
        if (attempt === fetchTries) throw error;
      }
    }
  }

  /** Hands over a file of the job's folder as it is now, whatever its worker puts in its place meanwhile. */
  private async upload(
    job: string,
    name: string,
    store: (key: string, body: Blob, sha256: string) => Promise<unknown>,
  ): Promise<void> {
    const path = join(this.scratch, job, name);
    const held = join(this.scratch, randomUUID());
    try {
      if (!(await linkAsItIs(path, held))) return;
      await store(this.keyOf(job, name), await openAsBlob(held), await digestOf(held));
    } finally {
      await rm(held, { force: true });
    }
  }
}

const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() === true;

/**
 * Gives a file another name. Where another one takes its place at that very moment, the system says that there is none; then it is
 * the other one.
 * @returns whether there is a file
 */
async function linkAsItIs(path: string, name: string): Promise<boolean> {
  while (await isFile(path)) {
    try {
      await link(path, name);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return false;
}

async function digestOf(path: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const bytes of createReadStream(path) as AsyncIterable<Uint8Array>) digest.update(bytes);
  return digest.digest('hex');
}
