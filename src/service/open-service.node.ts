import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { argumentError } from '../errors.js';
import { isLoopback } from './access.node.js';
import { ApiKeys } from './api-keys.node.js';
import { keepResults, removeJob } from './job-control.node.js';
import { isEnded } from './job.js';
import { startWorkforce, type WorkSettings } from './open-workers.node.js';
import { createServer, type ServerSettings } from './server.node.js';
import { ServiceMetrics } from './service-metrics.node.js';
import {
  makeFolder,
  openStorage,
  type ServiceStorage,
  type StorageSettings,
} from './service-storage.node.js';

/** How a service is run. */
export interface ServiceSettings extends Omit<ServerSettings, 'needsKey'>, StorageSettings, WorkSettings {
  /** @defaultValue 8080; 0 for any that is free */
  readonly port?: number | undefined;
  /** @defaultValue 127.0.0.1, which needs no keys; any other address does */
  readonly host?: string | undefined;
  /** How many jobs are done at the same time. @defaultValue 1; with a queue none, which is left to workers elsewhere */
  readonly workers?: number | undefined;
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

/** Milliseconds until files that belong to no job are nobody's: an upload to another server may still become one. */
const uploadTime = 3_600_000;

/**
 * Starts a service: on one machine with nothing else, jobs in a SQLite file, pictures in a folder, workers as processes; or as one of
 * many that share a queue server.
 * @throws StyleError `E_ARGUMENT` for an address that others reach while there are no keys, for a data folder of another server's, for
 * a queue server that doesn't answer, or for a port that is taken; `E_OUTPUT` when the data folder can't be written
 */
export async function openService(settings: ServiceSettings): Promise<RunningService> {
  const { data, queue, port = 8080, host = '127.0.0.1', workers = queue === undefined ? 1 : 0 } = settings;
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
  if (queue === undefined && workers === 0) {
    throw argumentError('workers', 'Without a queue nobody else does the jobs.', 'Have at least one worker.');
  }
  const log = settings.log ?? pino({ level: 'silent' });
  const onError = (error: unknown): void => log.warn({ err: error }, 'jobs can not be reached');
  const storage = await openStorage(settings, onError);
  await removeLeftovers(storage);
  const metrics = new ServiceMetrics(storage.store);
  // With one worker nobody would share the work.
  const limits =
    queue === undefined && workers < 2 ? { partPixels: Infinity, ...settings.limits } : settings.limits;
  const workforce = await startWorkforce(storage, { ...settings, limits, workers }, log, (job) =>
    metrics.jobEnded(job),
  );
  const service = { ...storage, ...workforce, keys, metrics, log };
  const sweep = setInterval(() => {
    removeExpired(storage).catch(onError);
  }, sweepPause);
  const closeAll = async (app?: FastifyInstance): Promise<void> => {
    clearInterval(sweep);
    await Promise.all([app?.close(), workforce.close()]);
    await storage.close();
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

/**
 * Removes what a server that was killed has left: files of uploads that never became jobs, and pictures of jobs that have ended. Lets
 * those be worked on that it could not hand over.
 */
async function removeLeftovers({ store, files, isOwn }: ServiceStorage): Promise<void> {
  const latest = isOwn ? Infinity : Date.now() - uploadTime;
  for (const { id, changed } of await files.jobs()) {
    const job = await store.get(id);
    if (job === undefined) {
      if (changed < latest) await files.remove(id);
    } else if (isEnded(job.status)) await keepResults(files, job);
  }
  await store.requeueExpired(Date.now());
}

/** Deletes jobs whose time is over, and lets jobs go on whose workers are gone. */
async function removeExpired(storage: ServiceStorage): Promise<void> {
  const { store, feed } = storage;
  const now = Date.now();
  for (const job of await store.expired(now)) await removeJob(storage, job);
  if ((await store.requeueExpired(now)) > 0) feed.signal({ type: 'added' });
}
