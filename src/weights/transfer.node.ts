import { open, readFile, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { StyleError } from '../errors.js';
import { DownloadFailure, type HttpClient, type HttpResponse } from './http-client.node.js';

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
  /** The file that collects the bytes and is left behind when the download stops, to go on from there. */
  readonly part: string;
  /** The bytes wanted, `end` exclusive; the whole file unless given. */
  readonly range?: { readonly start: number; readonly end: number };
  /** The remote file's identity (see {@link identityOf}), when it is known already and must not have changed. */
  readonly identity?: string | undefined;
  /** Bytes of the whole remote file, when known: another size is refused before it is downloaded. */
  readonly expectedSize?: number | undefined;
  readonly retries?: RetryPolicy | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after every chunk with the bytes of the part so far and how many it will have, as far as known. */
  onBytes?(received: number, total: number | undefined): void;
  onRetry?(reason: string, milliseconds: number): void;
}

export interface TransferResult {
  /** Bytes that were there already when the transfer began and were kept. */
  readonly resumedFrom: number;
  readonly identity: string | undefined;
}

/** Beside the part: what it is a part of. */
interface PartState {
  readonly url: string;
  readonly identity: string;
}

/**
 * What tells one version of a remote file from the next: its strong ETag, or else its modification date.
 * @returns undefined when the server says neither, and then a broken download begins anew
 */
export function identityOf(response: HttpResponse): string | undefined {
  const tag = response.header('etag');
  return tag !== undefined && !tag.startsWith('W/') ? tag : response.header('last-modified');
}

/**
 * Downloads a file, or a range of it, into `part`, going on where an earlier download stopped (Range and If-Range,
 * RFC 9110 sections 13.1.5 and 14.2). When the file has changed or the server refuses ranges, it begins anew; broken
 * connections, silence and answers 408, 429 and 5xx are tried again.
 * @throws DownloadFailure when it comes to nothing; StyleError E_OUTPUT when the part can't be written, E_DOWNLOAD_HASH
 * when the remote file has another size than expected
 */
export async function transfer(client: HttpClient, request: TransferRequest): Promise<TransferResult> {
  const { retries = defaultRetries, signal } = request;
  const resumedFrom = (await resumePoint(request)).have;
  let most = resumedFrom;
  for (let failures = 0; ;) {
    try {
      return { resumedFrom, identity: await attempt(client, request) };
    } catch (error) {
      if (!(error instanceof DownloadFailure) || !error.transient || signal?.aborted) throw error;
      const { have } = await resumePoint(request);
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
  await Promise.all([rm(part, { force: true }), rm(statePath(part), { force: true })]);
}

function statePath(part: string): string {
  return `${part}.json`;
}

/** One request and the reading of its answer. */
async function attempt(client: HttpClient, request: TransferRequest): Promise<string | undefined> {
  const { range } = request;
  const { have, identity } = await resumePoint(request);
  const start = range?.start ?? 0;
  const position = start + have;
  if (position === range?.end) return identity;
  const headers: Record<string, string> = {};
  if (range || have > 0) headers['range'] = `bytes=${position}-${range ? range.end - 1 : ''}`;
  if (headers['range'] && identity !== undefined) headers['if-range'] = identity;
  const response = await client.get(request.url, headers);
  try {
    return await receive(request, response, { have, identity });
  } finally {
    response.discard();
  }
}

interface ResumePoint {
  /** Bytes that the part has and that are known to belong to the remote file. */
  readonly have: number;
  readonly identity: string | undefined;
}

/** What the part has, if the note beside it says that it belongs to this address and version. */
async function resumePoint({ url, part, range, identity }: TransferRequest): Promise<ResumePoint> {
  const nothing = { have: 0, identity };
  try {
    const state = JSON.parse(await readFile(statePath(part), 'utf8')) as Partial<PartState>;
    if (state.url !== url || typeof state.identity !== 'string') return nothing;
    if (identity !== undefined && identity !== state.identity) return nothing;
    const { size } = await stat(part);
    return range && size > range.end - range.start ? nothing : { have: size, identity: state.identity };
  } catch {
    return nothing;
  }
}

async function receive(
  request: TransferRequest,
  response: HttpResponse,
  at: ResumePoint,
): Promise<string | undefined> {
  const { range, part } = request;
  const start = range?.start ?? 0;
  const identity = identityOf(response) ?? (response.status === 206 ? at.identity : undefined);
  const same = at.identity !== undefined && identity === at.identity;
  let have = at.have;
  let skip = 0;
  let size: number | undefined;
  if (response.status === 206) {
    const [first, whole] = contentRange(response);
    size = whole;
    if (first !== start + have || (at.identity !== undefined && !same)) {
      await discardPart(part);
      throw new DownloadFailure('the server sent other bytes than were asked for', true);
    }
  } else if (response.status === 200) {
    if (request.identity !== undefined && !same)
      throw new DownloadFailure('the file changed while it was read', false);
    size = byteCount(response.header('content-length'));
    if (!same) have = 0;
    // The server sends everything from the start; what is there already is passed over.
    skip = start + have;
  } else if (response.status === 416 && at.have > 0) {
    const whole = contentRange(response)[1];
    if (!range && whole === at.have) return at.identity;
    await discardPart(part);
    throw new DownloadFailure('the server refused to go on where the download had stopped', true);
  } else {
    throw statusFailure(response.status);
  }
  if (size !== undefined && request.expectedSize !== undefined && size !== request.expectedSize) {
    throw new StyleError(
      'E_DOWNLOAD_HASH',
      `The file at ${request.url} has ${size} bytes, and ${request.expectedSize} were expected.`,
      'The address holds another file than was published; give the address of a good copy with --from URL.',
    );
  }
  const length = range ? range.end - range.start : size === undefined ? undefined : size - start;
  const file = await openPart(request, have > 0, identity);
  try {
    for await (let chunk of response.chunks()) {
      const passed = Math.min(skip, chunk.length);
      skip -= passed;
      chunk = chunk.subarray(passed, length === undefined ? undefined : passed + length - have);
      await write(file, chunk, have, part);
      have += chunk.length;
      request.onBytes?.(have, length);
      if (have === length) break;
    }
  } finally {
    await file.close();
  }
  if (length !== undefined && have < length) {
    throw new DownloadFailure(`the connection ended after ${have} of ${length} bytes`, true);
  }
  return identity;
}

/** Start and whole size in `Content-Range: bytes 10-19/100` or `bytes *\/100`; NaN and undefined where it doesn't say. */
function contentRange(response: HttpResponse): [number, number | undefined] {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.header('content-range') ?? '');
  return [Number(match?.[1] ?? NaN), byteCount(match?.[2])];
}

function byteCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** @returns the failure that an answer other than the file means */
function statusFailure(status: number): DownloadFailure {
  const transient = status === 408 || status === 429 || status >= 500;
  return new DownloadFailure(`the server answered ${status}`, transient);
}

/** Opens the part to go on, or empty, with the note beside it of what it is a part of. */
async function openPart(
  { part, url }: TransferRequest,
  goOn: boolean,
  identity: string | undefined,
): Promise<FileHandle> {
  try {
    if (goOn) return await open(part, 'r+');
    // In this order, so that a note never stands beside bytes of another version.
    await rm(statePath(part), { force: true });
    const file = await open(part, 'w');
    // Without an identity there is no note: nobody could tell later whether the part still fits.
    if (identity !== undefined) {
      await writeFile(statePath(part), JSON.stringify({ url, identity } satisfies PartState));
    }
    return file;
  } catch (cause) {
    throw outputError(part, cause);
  }
}

async function write(file: FileHandle, chunk: Uint8Array, position: number, part: string): Promise<void> {
  try {
    for (let done = 0; done < chunk.length;) {
      done += (await file.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
    }
  } catch (cause) {
    throw outputError(part, cause);
  }
}

/** @returns the E_OUTPUT error for a file of a download that can't be written */
export function outputError(path: string, cause: unknown): StyleError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StyleError(
      'E_OUTPUT',
      `The disk is full: '${path}' can't be written any further.`,
      'Make room and run the same command again (it goes on where it stopped), or choose another folder with --to.',
      { cause },
    );
  }
  return new StyleError(
    'E_OUTPUT',
    `'${path}' can't be written: ${message}.`,
    'Choose a folder that you may write to, with --to FOLDER.',
    { cause },
  );
}
