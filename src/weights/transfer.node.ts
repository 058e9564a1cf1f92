import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { StyleError } from '../errors.js';
import { outputError } from '../replace-file.node.js';
import { DownloadFailure, type HttpAnswer, type HttpClient } from './http-client.node.js';

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
  /** Milliseconds to wait after each failure in a row without a byte gained; then it is given up. */
  readonly pauses?: readonly number[] | undefined;
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
  const { part, pauses = [500, 1000, 2000, 4000], signal } = request;
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
      const milliseconds = pauses[failures - 1];
      if (milliseconds === undefined) throw error;
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

/** What the part has, if the note beside it says that it belongs to this address and version. */
async function readPart({ url, part, range, identity }: TransferRequest) {
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
  const { url, range } = request;
  const { have, identity } = await readPart(request);
  const position = (range?.start ?? 0) + have;
  if (position === range?.end) return identity;
  const headers: Record<string, string> = {};
  if (range || have > 0) headers['range'] = `bytes=${position}-${range ? range.end - 1 : ''}`;
  if (headers['range'] && identity !== undefined) headers['if-range'] = identity;
  return client.get(url, headers, (answer) => receive(request, answer, have, identity));
}

async function receive(
  { url, part, range, identity: wanted, expectedSize, onBytes }: TransferRequest,
  { status, header, chunks }: HttpAnswer,
  kept: number,
  keptIdentity: string | undefined,
): Promise<string | undefined> {
  const start = range?.start ?? 0;
  const first = count(/^bytes (\d+)-/, header('content-range'));
  const whole = count(/\/(\d+)$/, header('content-range'));
  if (status === 416 && !range && kept > 0 && whole === kept) return keptIdentity;
  // A strong ETag tells versions apart, or else the date.
  const tag = header('etag')?.startsWith('W/') === false ? header('etag') : header('last-modified');
  const identity = tag ?? (status === 206 ? keptIdentity : undefined);
  const changed = keptIdentity !== undefined && identity !== keptIdentity;
  const elsewhere = status === 206 && (changed || first !== start + kept);
  if (elsewhere || (status === 416 && kept > 0)) {
    await discardPart(part);
    throw new DownloadFailure('the server sent other bytes than were asked for', true);
  }
  if (status !== 200 && status !== 206) {
    throw new DownloadFailure(`the server answered ${status}`, /408|429|5../.test(String(status)));
  }
  if (wanted !== undefined && changed) throw new DownloadFailure('the file changed while it was read', false);
  const size = status === 206 ? whole : count(/^(\d+)$/, header('content-length'));
  if (size !== undefined && expectedSize !== undefined && size !== expectedSize) {
    throw new StyleError(
      'E_DOWNLOAD_HASH',
      `The file at ${url} has ${size} bytes, and ${expectedSize} were expected.`,
      'The address holds another file than was published; give the address of a good copy.',
      { option: 'from' },
    );
  }
  let have = changed ? 0 : kept;
  // An answer with the whole file begins before what is wanted.
  let skip = status === 206 ? 0 : start + have;
  const length = range ? range.end - range.start : size;
  const file = await openPart(part, have, { url, identity });
  try {
    await pipeline(async function* () {
      for await (const chunk of chunks) {
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
