import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { StyleError } from '../errors.js';
import { outputError } from '../replace-file.node.js';
import { discard, DownloadFailure, type HttpClient } from './http-client.node.js';

/** How often and after which pauses a failed download is tried again. */
export interface RetryPolicy {
  /** Failures in a row, without a byte gained, after which the download is given up. */
  readonly attempts: number;
  /** Milliseconds to wait after the given number of failures in a row (from 1). */
  delay(failures: number): number;
}

/** Five tries, 0.5, 1, 2 and 4 seconds apart. */
export const defaultRetries: RetryPolicy = { attempts: 5, delay: (failures) => 500 * 2 ** (failures - 1) };

export interface TransferRequest {
  readonly url: string;
  /** The file that collects the bytes and is left behind when the download stops, to resume from. */
  readonly part: string;
  /** The bytes wanted, `end` exclusive; the whole file unless given. */
  readonly range?: { readonly start: number; readonly end: number };
  /** The remote file's version, when it is known already and must not have changed. */
  readonly identity?: string | undefined;
  /** Bytes of the whole remote file, when known: another size is refused before it is downloaded. */
  readonly expectedSize?: number | undefined;
  readonly retries?: RetryPolicy | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after every chunk with the bytes of the part so far and how many it will have, as far as known. */
  onBytes?(received: number, total: number | undefined): void;
  onRetry?(reason: string, milliseconds: number): void;
}

/**
 * Downloads a file, or a range of it, into `part`, resuming where an earlier download stopped (Range and If-Range,
 * RFC 9110 sections 13.1.5 and 14.2). When the file has changed or the server refuses ranges, it begins anew; broken
 * connections, silence and answers 408, 429 and 5xx are tried again.
 * @returns the bytes, and what tells this version of the remote file from the next
 * @throws DownloadFailure when it comes to nothing; StyleError `E_OUTPUT` when the part can't be written,
 * `E_DOWNLOAD_HASH` when the remote file has another size than expected
 */
export async function transfer(
  client: HttpClient,
  request: TransferRequest,
): Promise<{ bytes: Uint8Array; identity: string | undefined }> {
  const { part, retries = defaultRetries, signal } = request;
  let most = (await readPart(request)).have;
  for (let failures = 0; ;) {
    try {
      const identity = await attempt(client, request);
      return { bytes: await readFile(part), identity };
    } catch (error) {
      if (!(error instanceof DownloadFailure) || !error.transient || signal?.aborted) throw error;
      const { have } = await readPart(request);
      failures = have > most ? 1 : failures + 1;
      most = Math.max(most, have);
      if (failures >= retries.attempts) throw error;
      const milliseconds = retries.delay(failures);
      request.onRetry?.(error.message, milliseconds);
      await pause(milliseconds, undefined, signal ? { signal } : {});
    }
  }
}

/** Removes a part and the note beside it. */
export async function discardPart(part: string): Promise<void> {
  await Promise.all([rm(part, { force: true }), rm(notePath(part), { force: true })]);
}

const notePath = (part: string): string => `${part}.json`;

/** Bytes that a part has of a version of the remote file. */
interface Kept {
  readonly have: number;
  readonly identity: string | undefined;
}

/** What the part has, if the note beside it says that it belongs to this address and version. */
async function readPart({ url, part, range, identity }: TransferRequest): Promise<Kept> {
  try {
    const note = JSON.parse(await readFile(notePath(part), 'utf8')) as { url: string; identity: string };
    const have = (await stat(part)).size;
    const same = note.url === url && note.identity === (identity ?? note.identity);
    if (same && typeof note.identity === 'string' && !(range && have > range.end - range.start)) {
      return { have, identity: note.identity };
    }
  } catch {
    // There is no part, or nobody knows of what.
  }
  return { have: 0, identity };
}

/** One request and the reading of its answer. @returns the version of the remote file */
async function attempt(client: HttpClient, request: TransferRequest): Promise<string | undefined> {
  const { range } = request;
  const kept = await readPart(request);
  const position = (range?.start ?? 0) + kept.have;
  if (position === range?.end) return kept.identity;
  const headers: Record<string, string> = {};
  if (range || kept.have > 0) {
    headers['range'] = `bytes=${position}-${range ? range.end - 1 : ''}`;
    if (kept.identity !== undefined) headers['if-range'] = kept.identity;
  }
  const response = await client.get(request.url, headers);
  try {
    return await receive(client, request, response, kept);
  } finally {
    discard(response.body);
  }
}

async function receive(
  client: HttpClient,
  { url, part, range, identity: wanted, expectedSize, onBytes }: TransferRequest,
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
  kept: Kept,
): Promise<string | undefined> {
  const start = range?.start ?? 0;
  const header = (name: string) => [headers[name]].flat()[0];
  const first = count(/^bytes (\d+)-/, header('content-range'));
  const whole = count(/\/(\d+)$/, header('content-range'));
  if (status === 416 && !range && whole === kept.have) return kept.identity;
  // A strong ETag tells versions apart, or else the date.
  const tag = header('etag')?.startsWith('W/') === false ? header('etag') : header('last-modified');
  const identity = tag ?? (status === 206 ? kept.identity : undefined);
  const changed = kept.identity !== undefined && identity !== kept.identity;
  const elsewhere = status === 206 && (changed || first !== start + kept.have);
  if (elsewhere || (status === 416 && kept.have > 0)) {
    await discardPart(part);
    throw new DownloadFailure('the server sent other bytes than were asked for', true);
  }
  if (status !== 200 && status !== 206) {
    const transient = status === 408 || status === 429 || status >= 500;
    throw new DownloadFailure(`the server answered ${status}`, transient);
  }
  if (wanted !== undefined && changed) {
    throw new DownloadFailure('the file changed while it was read', false);
  }
  const size = status === 206 ? whole : count(/^(\d+)$/, header('content-length'));
  if (size !== undefined && expectedSize !== undefined && size !== expectedSize) {
    throw new StyleError(
      'E_DOWNLOAD_HASH',
      `The file at ${url} has ${size} bytes, and ${expectedSize} were expected.`,
      'The address holds another file than was published; give the address of a good copy.',
      { option: 'from' },
    );
  }
  // An answer with the whole file begins before what is wanted.
  let [have, skip] = status === 206 ? [kept.have, 0] : [0, start];
  const length = range ? range.end - range.start : size;
  const file = await openPart(part, have, { url, identity });
  try {
    await pipeline(async function* () {
      for await (const chunk of client.read(body)) {
        const passed = Math.min(skip, chunk.length);
        skip -= passed;
        const wanted = chunk.subarray(passed, length === undefined ? undefined : passed + length - have);
        if (wanted.length > 0) yield wanted;
        have += wanted.length;
        onBytes?.(have, length);
        if (have === length) return;
      }
    }, file);
  } catch (error) {
    throw error instanceof Error && 'code' in error ? outputError(part, error) : error;
  }
  if (length !== undefined && have < length) {
    throw new DownloadFailure(`the connection ended after ${have} of ${length} bytes`, true);
  }
  return identity;
}

/** Opens the part to resume, or empty with a note beside it. Every chunk is written before the next is asked for. */
async function openPart(part: string, have: number, note: { url: string; identity: string | undefined }) {
  try {
    if (have === 0) {
      // In this order, so that a note never stands beside bytes of another version.
      await rm(notePath(part), { force: true });
      await writeFile(part, '');
      if (note.identity !== undefined) await writeFile(notePath(part), JSON.stringify(note));
    }
    return (await open(part, 'r+')).createWriteStream({ start: have, highWaterMark: 1 });
  } catch (cause) {
    throw outputError(part, cause);
  }
}

/** The number that a pattern finds in a header. */
function count(pattern: RegExp, text = ''): number | undefined {
  const [, digits] = pattern.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
