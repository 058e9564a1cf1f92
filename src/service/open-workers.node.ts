import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { nodePlatform } from '../api/platform.node.js';
import type { StoredJob } from './job-store.js';
import { defaultLimits, type ServiceLimits } from './service-limits.js';
import { openStorage, type ServiceStorage, type StorageSettings } from './service-storage.node.js';
import { WorkerPool } from './worker-pool.node.js';

/** How workers are run. */
export interface WorkSettings {
  /** How many jobs are done at the same time. */
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

/** Processes that compute, with what they may take. */
export interface Workforce {
  readonly pool: WorkerPool;
  readonly limits: ServiceLimits;
  /** Lets running jobs save where they stand, and ends all processes. */
  close(): Promise<void>;
}

/** Processors and bytes of memory that a job makes use of. */
const [jobProcessors, jobMemory] = [4, 4e9];

/** How many jobs this machine does at the same time: as many as its processors and its memory have room for. */
export const roomForJobs = (): number =>
  Math.max(
    1,
    Math.floor(Math.min(availableParallelism() / jobProcessors, nodePlatform.availableMemory() / jobMemory)),
  );

/** Starts processes that take jobs from a storage. @param onEnd told of each job that has ended here */
export async function startWorkforce(
  storage: ServiceStorage,
  settings: WorkSettings,
  log: Logger,
  onEnd: (job: StoredJob) => void = () => undefined,
): Promise<Workforce> {
  const { workers = 1, threads, saveEverySeconds = 5, workerProgram } = settings;
  const sharers = Math.max(1, workers);
  const limits = limitsOf(settings.limits, sharers);
  const folder = await mkdtemp(join(tmpdir(), 'pastiche-worker-'));
  const around = {
    ...{ ...storage, limits, saveEverySeconds },
    onEnd: (job: StoredJob) => {
      onEnd(job);
      const { id, request, status, error } = job;
      log.info({ job: id, method: request.method, status, error }, 'job ended');
    },
    onError: (error: unknown) => log.error({ err: error }, 'a job could not be done'),
  };
  const pool = new WorkerPool(
    around,
    {
      ...{ folder, program: workerProgram ?? new URL('./worker-process.node.js', import.meta.url) },
      threads: threads ?? Math.max(1, Math.floor(availableParallelism() / sharers)),
      onOutput: (text) => log.warn({ text }, 'a worker wrote'),
    },
    workers,
  );
  const close = async (): Promise<void> => {
    await pool.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { pool, limits, close };
}

function limitsOf(given: Partial<ServiceLimits> = {}, workers: number): ServiceLimits {
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  const memory = (0.8 * nodePlatform.availableMemory()) / workers;
  return { jobMemory: memory, ...defaultLimits, ...(Object.fromEntries(named) as Partial<ServiceLimits>) };
}

/**
 * Starts workers that take jobs from a queue server, without a server of their own.
 * @returns ends them: running jobs save where they stand, and go to others
 * @throws StyleError as `openStorage` does
 */
export async function openWorkers(
  settings: StorageSettings & WorkSettings & { readonly queue: string },
): Promise<{ close(): Promise<void> }> {
  const log = settings.log ?? pino({ level: 'silent' });
  const storage = await openStorage(settings, (error) => log.warn({ err: error }, 'the queue server'));
  const workers = settings.workers ?? roomForJobs();
  const workforce = await startWorkforce(storage, { ...settings, workers }, log);
  return {
    async close() {
      await workforce.close();
      await storage.close();
    },
  };
}
