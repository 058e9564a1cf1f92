import { StyleError } from '../errors.js';

/** The cache that fetched weights are in, beside those of the page. */
export const weightsCacheName = 'pastiche-models';

/** Headers that change with a file. */
const marks = ['etag', 'last-modified', 'content-length'] as const;

/**
 * Fetches a file of weights once, and keeps it where the browser has a cache (which needs a page that is served securely).
 * @param sha256 what the file has to be; without it a kept file is compared with the server's by its headers
 * @throws StyleError `E_INPUT_MISSING` where the server has no such file, `E_DOWNLOAD` when it can't be reached, `E_DOWNLOAD_HASH` when
 * it is another file
 */
export async function fetchWeights(address: URL, sha256?: string): Promise<Uint8Array> {
  const cache = await openCache();
  // A digest names the file wherever it came from.
  const key = sha256 === undefined ? address.href : `${address.href.replace(/[?#].*$/, '')}?sha256=${sha256}`;
  const kept = await cache?.match(key);
  if (kept !== undefined && (sha256 !== undefined || (await isCurrent(kept, address)))) {
    return new Uint8Array(await kept.arrayBuffer());
  }
  const response = await request(address, 'GET');
  if (!response.ok) throw refused(address, response.status);
  const bytes = await response.arrayBuffer().catch((cause: unknown) => unreachable(address, cause));
  if (sha256 !== undefined) await checkDigest(address, bytes, sha256);
  const headers = marks.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value] as [string, string]];
  });
  // A full disk only means that it is fetched again.
  await cache?.put(key, new Response(bytes, { headers })).catch(() => undefined);
  return new Uint8Array(bytes);
}

/** Whether a server has a file. */
export const hasFile = async (address: URL): Promise<boolean> => (await request(address, 'HEAD')).ok;

const openCache = async (): Promise<Cache | undefined> =>
  (globalThis as { caches?: CacheStorage }).caches?.open(weightsCacheName).catch(() => undefined);

/** Whether the server still has what is kept; without a network it is. */
async function isCurrent(kept: Response, address: URL): Promise<boolean> {
  try {
    const { ok, headers } = await request(address, 'HEAD');
    return !ok || marks.every((name) => [null, kept.headers.get(name)].includes(headers.get(name)));
  } catch {
    return true;
  }
}

const request = (address: URL, method: 'GET' | 'HEAD'): Promise<Response> =>
  fetch(address, { method }).catch((cause: unknown) => unreachable(address, cause));

function unreachable(address: URL, cause: unknown): never {
  throw new StyleError(
    'E_DOWNLOAD',
    `${address.href} can't be fetched: ${cause instanceof Error ? cause.message : String(cause)}.`,
    'Check the address and the network; a server elsewhere has to allow this page by CORS.',
    { cause },
  );
}

const refused = (address: URL, status: number): StyleError =>
  status === 404
    ? new StyleError(
        'E_INPUT_MISSING',
        `There is no file at ${address.href}.`,
        'Serve it there, or say where the models are by the option models.',
      )
    : new StyleError(
        'E_DOWNLOAD',
        `The server answers ${status} for ${address.href}.`,
        'Check the address and what it asks for.',
      );

async function checkDigest(address: URL, bytes: ArrayBuffer, expected: string): Promise<void> {
  const { subtle } = crypto as { subtle?: SubtleCrypto };
  if (subtle === undefined) return;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found === expected) return;
  throw new StyleError(
    'E_DOWNLOAD_HASH',
    `${address.href} is not the file that belongs to this version: its SHA-256 is ${found}.`,
    'Serve the folder models of the same version of the package.',
  );
}
