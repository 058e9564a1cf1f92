import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { StyleError } from '../errors.js';
import { replaceFile } from '../replace-file.node.js';
import type { ModelRecord } from './registry.js';
import { describeVggWeights, type VggDescription } from './vgg-description.js';
import { readVggWeights } from './vgg-files.js';
import { readWeightsFile } from './weights-file.node.js';

/** What was noted when a model was downloaded, in `FILE.json` beside it. */
export interface DownloadNote {
  readonly url: string;
  readonly sha256: string;
  readonly size: number;
  /** ISO 8601. */
  readonly fetched: string;
}

/** The outcome of a check that found nothing wrong. */
export interface ModelVerification {
  readonly path: string;
  readonly size: number;
  /** What the bytes were compared with, most trustworthy first; empty when nothing was known of them. */
  readonly matches: readonly ('published' | 'recorded')[];
  readonly network: VggDescription;
}

/** Digest of a file in lower-case hexadecimal. */
export async function fileDigest(path: string, algorithm: 'md5' | 'sha256'): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** What was noted when the file was downloaded, or undefined when there is no readable note. */
export async function readDownloadNote(path: string): Promise<DownloadNote | undefined> {
  try {
    const note = JSON.parse(await readFile(notePath(path), 'utf8')) as DownloadNote;
    return /^[0-9a-f]{64}$/.test(note.sha256) ? note : undefined;
  } catch {
    return undefined;
  }
}

/** @throws StyleError E_OUTPUT when the note can't be written */
export async function writeDownloadNote(path: string, note: DownloadNote): Promise<void> {
  await replaceFile(notePath(path), new TextEncoder().encode(`${JSON.stringify(note, null, 2)}\n`));
}

/** Where the note of a download lies: beside the file. */
export function notePath(path: string): string {
  return `${path}.json`;
}

/**
 * Compares a file's size and digest with what was published of the model (when it is the published file, told by its
 * name) and with what was recorded at the first download.
 * @param bytesAt the file to read, when it is not yet at `path`
 * @returns what it was compared with
 * @throws StyleError E_DOWNLOAD_HASH naming both values
 */
export async function verifyDigests(
  path: string,
  record: ModelRecord | undefined,
  bytesAt = path,
): Promise<('published' | 'recorded')[]> {
  const matches: ('published' | 'recorded')[] = [];
  if (record?.hash && basename(path) === record.fileName) {
    const { algorithm, digest } = record.hash;
    const { size } = await stat(bytesAt);
    if (size !== record.size) throw differs(path, `${size} bytes`, `${record.size} bytes were published`);
    const found = await fileDigest(bytesAt, algorithm);
    const label = algorithm === 'md5' ? 'MD5' : 'SHA-256';
    if (found !== digest) throw differs(path, `the ${label} ${found}`, `${digest} was published`);
    matches.push('published');
  }
  const note = await readDownloadNote(path);
  if (note) {
    const found = await fileDigest(bytesAt, 'sha256');
    if (found !== note.sha256) {
      throw differs(path, `the SHA-256 ${found}`, `${note.sha256} was recorded in ${notePath(path)}`);
    }
    matches.push('recorded');
  }
  return matches;
}

function differs(path: string, found: string, expected: string): StyleError {
  return new StyleError(
    'E_DOWNLOAD_HASH',
    `'${path}' has ${found}, and ${expected}: it is not the file that was published.`,
    'Pull the model again, from another address (--from URL) if that repeats; if the publisher changed the file and ' +
      'you trust the new one, remove the recorded .json first.',
  );
}

/**
 * Checks a model's file: its digests as far as they are known, then that it is a VGG network with finite numbers.
 * @param record what is known of the model, if it is a known one
 * @throws StyleError E_DOWNLOAD_HASH, E_WEIGHTS_FORMAT, E_WEIGHTS_CONTENT, or E_INPUT_* when the file can't be read
 */
export async function verifyModelFile(
  path: string,
  record: ModelRecord | undefined,
): Promise<ModelVerification> {
  const bytes = await readWeightsFile(path);
  const matches = await verifyDigests(path, record);
  const network = describeVggWeights(await readVggWeights(bytes, basename(path)));
  return { path, size: bytes.length, matches, network };
}
