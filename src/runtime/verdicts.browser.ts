/** Where verdicts of self-checks are kept: workers have no other store that is as simple. */
const cacheName = 'pastiche-self-check';

const address = (key: string): string => `/pastiche-self-check/${encodeURIComponent(key)}`;

/** Pages that are not served securely have no cache. */
const open = async (): Promise<Cache | undefined> =>
  (globalThis as { caches?: CacheStorage }).caches?.open(cacheName).catch(() => undefined);

/** What a self-check has found before, if there was one. */
export async function readVerdict(key: string): Promise<boolean | undefined> {
  const found = await (await open())?.match(address(key)).catch(() => undefined);
  return found === undefined ? undefined : (await found.text()) === 'sound';
}

/** Keeps what a self-check has found, where the browser lets us. */
export async function writeVerdict(key: string, sound: boolean): Promise<void> {
  await (await open())?.put(address(key), new Response(sound ? 'sound' : 'wrong')).catch(() => undefined);
}
