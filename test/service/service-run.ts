import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll } from 'vitest';
import {
  openService,
  type RunningService,
  type ServiceSettings,
} from '../../src/service/open-service.node.js';
import { writeToyNetwork } from '../e2e/toy-network.js';
import type { Job } from '../../src/service/job.js';

const folders: string[] = [];
const services: RunningService[] = [];

/** The compiled program of the workers. */
export const workerProgram = pathToFileURL(
  join(import.meta.dirname, '../../dist/service/worker-process.node.js'),
);

/** A new folder, which is removed in the end. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pastiche-service-'));
  folders.push(folder);
  return folder;
}

/** Starts a service with toy networks, which is ended when the tests are over. */
export async function startService(settings: Partial<ServiceSettings> = {}): Promise<RunningService> {
  process.env['PASTICHE_MODELS'] = await writeToyNetwork();
  const data = settings.data ?? (await newFolder());
  const limits = { requestsPerMinute: 1e6, ...settings.limits };
  const service = await openService({ port: 0, threads: 1, workerProgram, data, ...settings, limits });
  services.push(service);
  return service;
}

afterAll(async () => {
  for (const service of services) await service.close().catch(() => undefined);
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A picture file with a slope and noise of a seed. */
export async function pictureBytes(seed = 1, side = 48): Promise<Buffer> {
  const data = Buffer.alloc(side * side * 3);
  let state = seed;
  for (let index = 0; index < data.length; index++) {
    state = (state * 1103515245 + 12345) % 2147483648;
    data[index] = ((index / data.length) * 128 + (state % 128)) | 0;
  }
  return sharp(data, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
}

/** A form with a method, options, and pictures by their roles. */
export function form(
  method: string,
  options: object,
  pictures: Readonly<Record<string, Uint8Array>>,
  fields: Readonly<Record<string, string>> = {},
): FormData {
  const data = new FormData();
  data.set('method', method);
  data.set('options', JSON.stringify(options));
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  for (const [role, bytes] of Object.entries(pictures))
    data.append(role, new Blob([new Uint8Array(bytes)]), 'picture.png');
  return data;
}

/** Options of the shortest stylisation that a network sees anything in. */
export const tiny = { size: 48, scales: [48], iterations: 2 } as const;

/** A form for the shortest stylisation. */
export const tinyForm = async (options: object = {}): Promise<FormData> =>
  form('stylize', { ...tiny, ...options }, { content: await pictureBytes(1), styles: await pictureBytes(2) });

/** Waits until a job has one of these states. */
export async function jobWith(
  address: string,
  id: string,
  isReached: (job: Job) => boolean,
  headers: Readonly<Record<string, string>> = {},
): Promise<Job> {
  for (let look = 0; look < 1200; look++) {
    const response = await fetch(`${address}/jobs/${id}`, { headers });
    if (!response.ok) throw new Error(`job ${id}: ${await response.text()}`);
    const job = (await response.json()) as Job;
    if (isReached(job)) return job;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`job ${id} did not get there in a minute`);
}

/** Whether nothing happens to a job any more. */
export const hasEnded = ({ status }: Job): boolean => !['queued', 'running'].includes(status);
