import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StyleError } from '../errors.js';
import { replaceFile } from '../replace-file.node.js';
import type { ModelVerification } from './models.js';
import { describeNetwork } from './network-description.js';
import { recordsOfFiles, type ModelRecord } from './registry.js';
import { readWeightsFile } from './weights-file.node.js';

/** What was noted when a model was downloaded, in `FILE.json` beside it. */
interface DownloadNote {
  readonly url: string;
  readonly sha256: string;
  readonly size: number;
  /** ISO 8601. */
  readonly fetched: string;
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What was noted when the file was downloaded, or undefined when there is no readable note. */
async function readDownloadNote(path: string): Promise<DownloadNote | undefined> {
  try {
    const note = JSON.parse(await readFile(notePath(path), 'utf8')) as DownloadNote;
    return /^[0-9a-f]{64}$/.test(note.sha256) ? note : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Notes what was downloaded, for later checks.
 * @throws StyleError `E_OUTPUT` when the note can't be written
 */
export async function noteDownload(path: string, url: string, bytes: Uint8Array): Promise<DownloadNote> {
  const fetched = new Date().toISOString();
  const note: DownloadNote = { url, sha256: sha256Of(bytes), size: bytes.length, fetched };
  await replaceFile(notePath(path), new TextEncoder().encode(`${JSON.stringify(note, null, 2)}\n`));
  return note;
}

/** Where the note of a download lies: beside the file. */
function notePath(path: string): string {
  return `${path}.json`;
}

/**
 * Compares a file's size and digest with what was published of the model (when it is the published file, told by its
 * name) and with what was recorded at the first download.
 * @param path where the file is or will be
 * @returns what it was compared with
 * @throws StyleError `E_DOWNLOAD_HASH` naming both values
 */
async function verifyDigests(
  path: string,
  record: ModelRecord | undefined,
  bytes: Uint8Array,
): Promise<('published' | 'recorded')[]> {
  const matches: ('published' | 'recorded')[] = [];
  if (record?.hash && basename(path) === record.fileName) {
    const { algorithm, digest } = record.hash;
    const { length: size } = bytes;
    if (size !== record.size) throw differs(path, `${size} bytes`, `${record.size} bytes were published`);
    const found = createHash(algorithm).update(bytes).digest('hex');
    const label = algorithm === 'md5' ? 'MD5' : 'SHA-256';
    if (found !== digest) throw differs(path, `the ${label} ${found}`, `${digest} was published`);
    matches.push('published');
  }
  const note = await readDownloadNote(path);
  if (note) {
    const found = sha256Of(bytes);
    if (found !== note.sha256) {
      throw differs(path, `the SHA-256 ${found}`, `${note.sha256} was recorded in "${notePath(path)}"`);
    }
    matches.push('recorded');
  }
  return matches;
}

function differs(path: string, found: string, expected: string): StyleError {
  return new StyleError(
    'E_DOWNLOAD_HASH',
    `"${path}" has ${found}, and ${expected}: it is not the file that was published.`,
    'Download the model again, from another address if that repeats; if the publisher changed the file and you trust ' +
      'the new one, remove the recorded .json first.',
    { option: 'from' },
  );
}

/**
 * Checks the bytes of a model before they are put in their place. A file whose published digest they have was read before;
 * any other is looked into.
 * @param path where the file will be
 * @throws StyleError `E_DOWNLOAD_HASH`, `E_WEIGHTS_FORMAT` or `E_WEIGHTS_CONTENT`
 */
export async function checkNewModel(path: string, record: ModelRecord, bytes: Uint8Array): Promise<void> {
  const matches = await verifyDigests(path, record, bytes);
  if (!matches.includes('published')) await describeNetwork(bytes, basename(path), record.architecture);
}

/**
 * Checks a model's file: its digests as far as they are known, then that it is a network of that kind with finite numbers.
 * @param record what is known of the model, if it is a known one
 * @throws StyleError `E_DOWNLOAD_HASH`, `E_WEIGHTS_FORMAT`, `E_WEIGHTS_CONTENT`, or `E_INPUT_*` when the file can't be read
 */
export async function verifyModelFile(
  path: string,
  record: ModelRecord | undefined,
): Promise<ModelVerification> {
  const bytes = await readWeightsFile(path);
  const matches = await verifyDigests(path, record, bytes);
  const network = await describeNetwork(bytes, basename(path), record?.architecture);
  return { path, size: bytes.length, sha256: sha256Of(bytes), matches, network };
}

/**
 * Checks all files of a known model.
 * @param path of the first one; the others are beside it
 * @throws StyleError as {@link verifyModelFile}
 */
export async function verifyModelFiles(path: string, record: ModelRecord): Promise<ModelVerification> {
  const [main, ...others] = recordsOfFiles(record);
  const verified = await verifyModelFile(path, main);
  const also: ModelVerification[] = [];
  for (const other of others) also.push(await verifyModelFile(join(dirname(path), other.fileName), other));
  return also.length === 0 ? verified : { ...verified, also };
}
