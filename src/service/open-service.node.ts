import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pino, { type Logger } from 'pino';
import { nodePlatform } from '../api/platform.node.js';
import { argumentError } from '../errors.js';
import { outputError } from '../replace-file.node.js';
import { isLoopback } from './access.node.js';
import { ApiKeys } from './api-keys.node.js';
import { DiskJobFiles } from './disk-job-files.node.js';
import { JobFeed } from './job-feed.js';
import { isEnded } from './job.js';
import type { Service } from './service.node.js';
import { createServer, type ServerSettings } from './server.node.js';
import { defaultLimits, type ServiceLimits } from './service-limits.js';
import { ServiceMetrics } from './service-metrics.node.js';
import { SqliteJobStore } from './sqlite-job-store.node.js';
import { WorkerPool } from './worker-pool.node.js';

/** How a service is run. */
export interface ServiceSettings extends Omit<ServerSettings, 'needsKey'> {
  /** The folder for jobs, pictures and keys. It is made where it is missing. */
  readonly data: string;
  /** @defaultValue 8080; 0 for any that is free */
  readonly port?: number | undefined;
  /** @defaultValue 127.0.0.1, which needs no keys; any other address does */
  readonly host?: string | undefined;
  /** How many jobs are done at the same time. @defaultValue 1 */
  readonly workers?: number | undefined;
  /** Threads of the CPU for each. @defaultValue the processors, shared out among the workers */
  readonly threads?: number | undefined;
  readonly limits?: Partial<ServiceLimits> | undefined;
  /** Seconds between two saved states of a job. @defaultValue 5 */
  readonly saveEverySeconds?: number | undefined;
  /** Where the log goes. @defaultValue nowhere */
  readonly log?: Logger | undefined;
  /** The workers' program, compiled. @defaultValue the one beside this file */
  readonly workerProgram?: URL | undefined;
}

/** A service that is running. */
export interface RunningService {
  readonly app: FastifyInstance;
  /** Its address, such as `http://127.0.0.1:8080`. */
  readonly address: string;
  /** Lets running jobs save where they stand, and ends. */
  close(): Promise<void>;
}

/** Milliseconds between two looks for jobs whose time is over. */
const sweepPause = 60_000;

/** The folder of the keys within a data folder. */
export const keysFolder = (data: string): string => join(data, 'keys');

/**
 * Starts a service on one machine, with nothing else: jobs in a SQLite file, pictures in a folder, workers as processes.
 * @throws StyleError `E_ARGUMENT` for an address that others reach while there are no keys, for a data folder of another server's, or
 * for a port that is taken; `E_OUTPUT` when the data folder can't be written
 */
export async function openService(settings: ServiceSettings): Promise<RunningService> {
  const { data, port = 8080, host = '127.0.0.1', workers = 1 } = settings;
  const keys = new ApiKeys(keysFolder(data));
  await makeFolder(data);
  const needsKey = !isLoopback(host);
  if (needsKey && (await keys.list()).length === 0) {
    throw argumentError(
      'host',
      `Others reach the address ${JSON.stringify(host)}, and there are no keys.`,
      'Make a key first, or leave the host out.',
    );
  }
  const log = settings.log ?? pino({ level: 'silent' });
  const limits = limitsOf(settings.limits, workers);
  const store = await SqliteJobStore.open(join(data, 'jobs.sqlite'));
  const files = await DiskJobFiles.open(join(data, 'jobs'));
  await removeLeftovers({ store, files });
  const feed = new JobFeed();
  const metrics = new ServiceMetrics(store);
  const folder = join(data, 'empty');
  await makeFolder(folder);
  const around = {
    ...{ store, files, feed, limits, saveEverySeconds: settings.saveEverySeconds ?? 5 },
    onEnd: (job: Parameters<ServiceMetrics['jobEnded']>[0]) => {
      metrics.jobEnded(job);
      log.info(
        { job: job.id, method: job.request.method, status: job.status, error: job.error },
        'job ended',
      );
    },
    onError: (error: unknown) => log.error({ err: error }, 'a job could not be done'),
  };
  const pool = new WorkerPool(
    around,
    {
      program: settings.workerProgram ?? new URL('./worker-process.node.js', import.meta.url),
      folder,
      threads: settings.threads ?? Math.max(1, Math.floor(availableParallelism() / workers)),
      onOutput: (text) => log.warn({ text }, 'a worker wrote'),
    },
    workers,
  );
  const service = { store, files, feed, pool, keys, limits, metrics, log };
  const sweep = setInterval(() => {
    removeExpired(service).catch(around.onError);
  }, sweepPause);
  const closeAll = async (app?: FastifyInstance): Promise<void> => {
    clearInterval(sweep);
    await Promise.all([app?.close(), pool.close()]);
    await store.close();
  };
  const app = await createServer(service, { ...settings, needsKey }).catch(async (error: unknown) => {
    await closeAll();
    throw error;
  });
  const close = (): Promise<void> => closeAll(app);
  try {
    return { app, address: await app.listen({ port, host }), close };
  } catch (cause) {
    await close();
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw argumentError(
      'port',
      `The port ${port} of ${host} can't be listened on (the system says ${code}).`,
      'Choose another port.',
    );
  }
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw outputError(path, cause);
  });
}

function limitsOf(given: Partial<ServiceLimits> = {}, workers: number): ServiceLimits {
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  const jobMemory = (0.8 * nodePlatform.availableMemory()) / workers;
  return { jobMemory, ...defaultLimits, ...(Object.fromEntries(named) as Partial<ServiceLimits>) };
}

/** Removes what a server that was killed has left: files of uploads that never became jobs, and pictures of jobs that have ended. */
async function removeLeftovers({ store, files }: Pick<Service, 'store' | 'files'>): Promise<void> {
  for (const id of await files.jobs()) {
    const job = await store.get(id);
    if (job === undefined) await files.remove(id);
    else if (isEnded(job.status))
      await files.keepOnly(
        id,
        (job.result?.files ?? []).map(({ name }) => name),
      );
  }
}

/** Deletes jobs whose time is over, and lets jobs go on whose workers are gone. */
async function removeExpired({ store, files, pool }: Service): Promise<void> {
  const now = Date.now();
  for (const job of await store.expired(now)) {
    await store.remove(job);
    await files.remove(job);
  }
  if ((await store.requeueExpired(now)) > 0) pool.wake();
}
