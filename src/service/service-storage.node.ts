import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { outputError } from '../replace-file.node.js';
import { DiskJobFiles } from './disk-job-files.node.js';
import { LocalJobFeed, type JobFeed } from './job-feed.js';
import type { JobFiles } from './job-files.js';
import type { JobStore } from './job-store.js';
import { argumentError } from '../errors.js';
import { QueueJobStore } from './queue-job-store.node.js';
import { connectRedis } from './redis-connection.node.js';
import { readS3Address } from './s3-address.node.js';
import { S3Bucket } from './s3-bucket.node.js';
import { S3JobFiles } from './s3-job-files.node.js';
import { RedisJobFeed } from './redis-job-feed.node.js';
import { SqliteJobStore } from './sqlite-job-store.node.js';

/** Where jobs and their files are kept, and who tells of them. */
export interface StorageSettings {
  /** The folder for pictures and keys, and for jobs where there is no queue. It is made where it is missing. */
  readonly data: string;
  /** The address of a queue server that servers and workers of many machines share, which share the files as well. */
  readonly queue?: string | undefined;
  /** Where pictures are instead of the folder, as `s3://BUCKET/PREFIX`; with a queue only. */
  readonly files?: string | undefined;
  /** Seconds until a job whose worker has disappeared goes to another one. @defaultValue 30 */
  readonly leaseSeconds?: number | undefined;
}

/** An open storage. */
export interface ServiceStorage {
  readonly store: JobStore;
  readonly files: JobFiles;
  readonly feed: JobFeed;
  readonly leaseTime: number;
  /** Whether nobody else has it. */
  readonly isOwn: boolean;
  close(): Promise<void>;
}

/**
 * Opens what jobs are kept in: a SQLite file in the data folder, or a queue server.
 * @param onError told of what goes wrong later, such as a queue server that is away
 * @throws StyleError `E_ARGUMENT` where another server has the data folder, where the queue server doesn't answer, or for an address of
 * files that can't be used; `E_OUTPUT` where the folder can't be written; `E_STORAGE` where stored pictures can't be reached
 */
export async function openStorage(
  { data, queue, files: address, leaseSeconds = 30 }: StorageSettings,
  onError: (error: unknown) => void,
): Promise<ServiceStorage> {
  const leaseTime = leaseSeconds * 1000;
  if (queue === undefined) {
    if (address !== undefined) {
      throw argumentError(
        'files',
        'Without a queue, pictures are in the data folder.',
        'Name a queue as well, or leave files out.',
      );
    }
    await makeFolder(data);
    const store = await SqliteJobStore.open(join(data, 'jobs.sqlite'));
    const files = await DiskJobFiles.open(join(data, 'jobs'));
    return { store, files, leaseTime, feed: new LocalJobFeed(), isOwn: true, close: () => store.close() };
  }
  const { files, close: closeFiles } = await openSharedFiles(data, address);
  const redis = await connectRedis(queue, onError).catch(async (error: unknown) => {
    await closeFiles();
    throw error;
  });
  const store = new QueueJobStore(redis, leaseTime, onError);
  const feed = await RedisJobFeed.open(redis, onError);
  const close = async (): Promise<void> => {
    feed.close();
    await store.close();
    redis.disconnect();
    await closeFiles();
  };
  return { store, files, leaseTime, feed, isOwn: false, close };
}

async function openSharedFiles(
  data: string,
  address: string | undefined,
): Promise<{ readonly files: JobFiles; close(): Promise<void> }> {
  if (address === undefined) {
    await makeFolder(data);
    return { files: await DiskJobFiles.open(join(data, 'jobs')), close: () => Promise.resolve() };
  }
  const files = await S3JobFiles.open(new S3Bucket(readS3Address(address, process.env)));
  return { files, close: () => files.close() };
}

/** Makes a folder that nobody else may read. @throws StyleError `E_OUTPUT` */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw outputError(path, cause);
  });
}
