import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StyleError } from '../errors.js';
import { encodeSafetensors, type TensorToEncode } from '../formats/safetensors.js';
import { moveIntoPlace, outputError, replaceFile } from '../replace-file.node.js';
import { withDownloadLock } from './download-lock.node.js';
import { DownloadFailure, HttpClient, type HttpClientOptions } from './http-client.node.js';
import { cacheFolder } from './model-files.node.js';
import { checkNewModel, noteDownload, verifyModelFile } from './model-verification.node.js';
import type { ModelVerification, PulledModel, PullOptions } from './models.js';
import type { ModelRecord } from './registry.js';
import { fetchRemoteTensors } from './remote-safetensors.node.js';
import { discardPart, transfer, type TransferRequest } from './transfer.node.js';

export type { DownloadProgress } from './models.js';

export type DownloadOptions = PullOptions & HttpClientOptions & Pick<TransferRequest, 'pauses'>;

/**
 * Downloads a known model of one file: into `FILE.part`, resuming where an earlier download stopped, then verified (size and digest
 * where they are published, else those of the first download; shapes and finite numbers), then renamed. A model that
 * is there and sound is left alone. Proxies of the environment are respected.
 * @throws StyleError `E_DOWNLOAD` when it fails or is stopped (the remedy says how to get the file by hand),
 * `E_DOWNLOAD_HASH` when it is another file than was published (the part is removed), `E_WEIGHTS_FORMAT` or
 * `E_WEIGHTS_CONTENT` when it is no such network, `E_OUTPUT` when it can't be written
 */
export async function downloadModel(
  record: ModelRecord,
  options: DownloadOptions = {},
): Promise<PulledModel> {
  const { folder = cacheFolder(options.environment), from = addressOf(record), signal } = options;
  const path = join(folder, record.fileName);
  try {
    await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
      throw outputError(folder, cause);
    });
    const present = await findSound(path, record);
    if (present) return { path, size: present.size, sha256: present.sha256, present: true };
    return await withDownloadLock(`${path}.part.lock`, () => download(record, from, path, options));
  } catch (error) {
    if (error instanceof StyleError) throw inFolder(error, path);
    if (!(error instanceof DownloadFailure) && !signal?.aborted) throw error;
    const [problem, remedy] = signal?.aborted
      ? ['was stopped', 'Download it again: that resumes where it stopped.']
      : [`from ${from} failed: ${(error as Error).message}`, byHand(path)];
    const message = `The download of ${record.name} ${problem}.`;
    throw new StyleError('E_DOWNLOAD', message, remedy, { cause: error });
  }
}

async function download(
  record: ModelRecord,
  url: string,
  path: string,
  options: DownloadOptions,
): Promise<PulledModel> {
  const { onProgress, pauses, signal } = options;
  const client = new HttpClient(options);
  try {
    const part = `${path}.part`;
    const { bytes, parts } = await fetchModel(client, record, {
      url,
      part,
      pauses,
      signal,
      onBytes: (received, total) => onProgress?.({ type: 'bytes', received, total }),
      onRetry: (reason, milliseconds) => onProgress?.({ type: 'retry', reason, milliseconds }),
    });
    onProgress?.({ type: 'verify' });
    try {
      await checkNewModel(path, record, bytes);
    } catch (error) {
      await Promise.all(parts.map(discardPart));
      throw error;
    }
    await (record.source.kind === 'tensors' ? replaceFile(path, bytes) : moveIntoPlace(part, path));
    await Promise.all(parts.map(discardPart));
    const { size, sha256 } = await noteDownload(path, url, bytes);
    return { path, size, sha256, present: false };
  } finally {
    await client.close();
  }
}

/** The bytes of the model's file, and the parts that hold them or what they were made of. */
async function fetchModel(
  client: HttpClient,
  { source, hash, size, licence, credit }: ModelRecord,
  request: TransferRequest,
): Promise<{ bytes: Uint8Array; parts: readonly string[] }> {
  if (source.kind !== 'tensors') {
    const { bytes } = await transfer(client, { ...request, expectedSize: hash ? size : undefined });
    return { bytes, parts: [request.part] };
  }
  const { tensors, parts } = await fetchRemoteTensors(client, request, source.names);
  const stored = tensors.map((tensor): [string, TensorToEncode] => {
    const { name, dtype, shape } = tensor;
    return [name, { dtype: dtype === 'BF16' ? 'F32' : dtype, shape, data: tensor.values() }];
  });
  return { bytes: encodeSafetensors(Object.fromEntries(stored), { licence, source: credit }), parts };
}

function addressOf({ name, source }: ModelRecord): string {
  if (source.kind !== 'none') return source.url;
  throw new StyleError(
    'E_DOWNLOAD',
    `No public address has ${name} in a form that Pastiche reads.`,
    source.instruction,
  );
}

/** The file that is there, unless it is missing or not sound and has to be downloaded again. */
function findSound(path: string, record: ModelRecord): Promise<ModelVerification | undefined> {
  return verifyModelFile(path, record).catch((error: unknown) => {
    if (error instanceof StyleError && !/INPUT_(KIND|PERMISSION)/.test(error.code)) return undefined;
    throw error;
  });
}

/** Says of an output that can't be written which option chose its folder, and that nothing received is lost. */
function inFolder(error: StyleError, path: string): StyleError {
  if (error.code !== 'E_OUTPUT' || error.option !== undefined) return error;
  const resumes = existsSync(`${path}.part`) ? ' The next download resumes where this one stopped.' : '';
  const options = { cause: error.cause, option: 'folder' };
  return new StyleError(error.code, error.message, error.remedy + resumes, options);
}

function byHand(path: string): string {
  return (
    'Try again to resume where it stopped, set https_proxy if you are behind a proxy, or download the address in a ' +
    `browser and save the file as "${path}" (or under that name in a folder named in PASTICHE_MODELS).`
  );
}
