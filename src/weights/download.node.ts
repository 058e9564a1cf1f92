import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { StyleError } from '../errors.js';
import { withDownloadLock } from './download-lock.node.js';
import { DownloadFailure, HttpClient } from './http-client.node.js';
import { cacheFolder } from './model-files.node.js';
import { fileDigest, verifyDigests, verifyModelFile, writeDownloadNote } from './model-verification.node.js';
import type { ModelRecord } from './registry.js';
import { fetchRemoteTensors } from './remote-safetensors.node.js';
import { encodeSafetensors, type TensorToEncode } from '../formats/safetensors.js';
import {
  discardPart,
  outputError,
  transfer,
  type RetryPolicy,
  type TransferRequest,
} from './transfer.node.js';
import { readVggWeights } from './vgg-files.js';

export type DownloadProgress =
  /** Bytes there so far, those of an earlier try included, and how many there will be, as far as known. */
  | { readonly type: 'bytes'; readonly received: number; readonly total: number | undefined }
  /** A try failed; the next begins after a pause. */
  | { readonly type: 'retry'; readonly reason: string; readonly milliseconds: number }
  /** Everything is there and is being compared with what was published. */
  | { readonly type: 'verify' };

export interface PullOptions {
  /** Where to put the file; the cache unless given. Made when absent. */
  readonly folder?: string | undefined;
  /** Another address to get the same file from: a mirror. */
  readonly url?: string | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Stops the download; what has been received stays, and the next pull goes on from there. */
  readonly signal?: AbortSignal | undefined;
  readonly retries?: RetryPolicy | undefined;
  /** Milliseconds without any byte after which a try has failed; 30 s unless told. */
  readonly inactivityTimeout?: number | undefined;
  /** Proxies and PASTICHE_CACHE are looked up here; the process's own unless given. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

export interface PulledModel {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** True when a sound file was there before, and nothing was downloaded. */
  readonly present: boolean;
}

/** What the steps of a pull share. */
interface Pull {
  readonly record: ModelRecord;
  readonly url: string;
  readonly path: string;
  readonly part: string;
  readonly transfer: Omit<TransferRequest, 'range' | 'identity'>;
}

/**
 * Downloads a known model: into `FILE.part`, going on where an earlier download stopped, then verified (size and digest
 * where they are published, else those of the first download; shapes and finite numbers), then renamed. A model that
 * is there and sound is left alone. Proxies of the environment are respected.
 * @throws StyleError E_DOWNLOAD when it fails or is stopped (the remedy says how to get the file by hand),
 * E_DOWNLOAD_HASH when it is another file than was published (the part is removed), E_WEIGHTS_FORMAT or
 * E_WEIGHTS_CONTENT when it is no VGG network, E_OUTPUT when it can't be written
 */
export async function pullModel(record: ModelRecord, options: PullOptions = {}): Promise<PulledModel> {
  const { source } = record;
  const url =
    options.url ?? (source.kind === 'none' ? unavailable(record.name, source.instruction) : source.url);
  const folder = options.folder ?? cacheFolder(options.environment);
  await makeFolder(folder);
  const path = join(folder, record.fileName);
  const present = await soundFile(path, record);
  if (present) return { path, ...present, present: true };

  const part = `${path}.part`;
  const { onProgress, signal, retries } = options;
  const pull: Pull = {
    record,
    url,
    path,
    part,
    transfer: {
      url,
      part,
      retries,
      signal,
      onBytes: (received, total) => onProgress?.({ type: 'bytes', received, total }),
      onRetry: (reason, milliseconds) => onProgress?.({ type: 'retry', reason, milliseconds }),
    },
  };
  return withDownloadLock(`${part}.lock`, async () => {
    const client = new HttpClient(options);
    try {
      const verify = () => onProgress?.({ type: 'verify' });
      await (record.source.kind === 'tensors'
        ? pullTensors(client, pull, verify)
        : pullFile(client, pull, verify));
    } catch (error) {
      throw error instanceof StyleError ? error : downloadError(error, pull, signal);
    } finally {
      await client.close();
    }
    const { size } = await stat(path);
    const sha256 = await fileDigest(path, 'sha256');
    await writeDownloadNote(path, { url, sha256, size, fetched: new Date().toISOString() });
    return { path, size, sha256, present: false };
  });
}

async function pullFile(client: HttpClient, pull: Pull, onVerify: () => void): Promise<void> {
  const { record, part, path } = pull;
  await transfer(client, { ...pull.transfer, expectedSize: record.hash ? record.size : undefined });
  onVerify();
  try {
    await verifyDigests(path, record, part);
    // A file whose digest is published has been read before; any other is looked into.
    if (!record.hash) await readVggWeights(await readFile(part), basename(path));
  } catch (error) {
    await discardPart(part);
    throw error;
  }
  await intoPlace(path, () => rename(part, path));
  await discardPart(part);
}

async function pullTensors(client: HttpClient, pull: Pull, onVerify: () => void): Promise<void> {
  const { record, path } = pull;
  const names = record.source.kind === 'tensors' ? record.source.names : [];
  const { tensors, parts } = await fetchRemoteTensors(client, { ...pull.transfer, names });
  onVerify();
  const stored: Record<string, TensorToEncode> = {};
  for (const tensor of tensors) {
    const { name, dtype, shape } = tensor;
    stored[name] = { dtype: dtype === 'BF16' ? 'F32' : dtype, shape, data: tensor.values() };
  }
  const bytes = encodeSafetensors(stored, { licence: record.licence, source: record.credit });
  const temporary = `${path}.new`;
  try {
    await intoPlace(temporary, () => writeFile(temporary, bytes));
    try {
      await verifyDigests(path, record, temporary);
      await readVggWeights(bytes, basename(path));
    } catch (error) {
      await Promise.all(parts.map(discardPart));
      throw error;
    }
    await intoPlace(path, () => rename(temporary, path));
  } finally {
    await rm(temporary, { force: true });
  }
  await Promise.all(parts.map(discardPart));
}

async function intoPlace(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw outputError(path, cause);
  }
}

function unavailable(name: string, instruction: string): never {
  throw new StyleError(
    'E_DOWNLOAD',
    `No public address has ${name} in a form that Pastiche reads.`,
    instruction,
  );
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw outputError(folder, cause);
  }
}

/** Size and digest of the file that is there, unless it is missing or not sound and has to be downloaded again. */
async function soundFile(
  path: string,
  record: ModelRecord,
): Promise<{ size: number; sha256: string } | undefined> {
  try {
    const { size } = await verifyModelFile(path, record);
    return { size, sha256: await fileDigest(path, 'sha256') };
  } catch (error) {
    if (error instanceof StyleError && !['E_INPUT_KIND', 'E_INPUT_PERMISSION'].includes(error.code))
      return undefined;
    throw error;
  }
}

function downloadError(
  error: unknown,
  { record, url, path }: Pull,
  signal: AbortSignal | undefined,
): unknown {
  if (signal?.aborted) {
    return new StyleError(
      'E_DOWNLOAD',
      `The download of ${record.name} was stopped.`,
      'Run the same command again: it goes on where it stopped.',
      { cause: error },
    );
  }
  if (!(error instanceof DownloadFailure)) return error;
  return new StyleError(
    'E_DOWNLOAD',
    `The download of ${record.name} from ${url} failed: ${error.message}.`,
    `Run the command again to go on where it stopped, set https_proxy if you are behind a proxy, or download the address ` +
      `in a browser and save the file as '${path}' (or under that name in a folder named in PASTICHE_MODELS).`,
    { cause: error },
  );
}
