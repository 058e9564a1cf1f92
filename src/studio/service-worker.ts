// Keeps the page for use without a network. It answers for nothing but the files that the build lists here, so that whatever else is
// served beside the page, such as a service's own addresses, goes where it would go without it.

/** What the build puts in place of a text, see `vite.config.mjs`; paths from the folder of this file. */
const { version, shell, wasm } = JSON.parse('%FILES%') as {
  /** Another one for other files. */
  readonly version: string;
  /** What the page consists of. */
  readonly shell: readonly string[];
  /** What computes, of which a browser uses one or two; kept with its first use. The first one is for any processor. */
  readonly wasm: readonly [string, ...string[]];
};

interface LastingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface RequestEvent extends LastingEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface QuestionEvent extends LastingEvent {
  readonly ports: readonly MessagePort[];
}
interface Scope {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: 'install' | 'activate', listener: (event: LastingEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: RequestEvent) => void): void;
  addEventListener(type: 'message', listener: (event: QuestionEvent) => void): void;
}

const scope = globalThis as unknown as Scope;
const prefix = 'pastiche-studio-';
const cacheName = `${prefix}${version}`;
const addressOf = (path: string): string => new URL(path, scope.location.href).href;
const page = addressOf('./');
const kept = new Set([...shell, ...wasm].map(addressOf));

scope.addEventListener('install', (event) => {
  const files = ['./', ...shell.filter((path) => path !== 'index.html')].map(addressOf);
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(files)));
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([dropOthers(), scope.clients.claim()]));
});

/** Caches of other versions of the page; those of the models are none of its. */
async function dropOthers(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(prefix) && name !== cacheName);
  await Promise.all(old.map((name) => caches.delete(name)));
}

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const address = request.url.replace(/[?#].*$/, '');
  if (request.method !== 'GET') return;
  if (address === page || address === addressOf('index.html')) event.respondWith(freshPage(request));
  else if (kept.has(address)) event.respondWith(keptFile(address, request));
});

/** The page of now, which names its files; the one that is kept where nothing answers. */
async function freshPage(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const found = await match(page);
    if (found === undefined) throw error;
    return found;
  }
}

/** A file by its name, which is another one when the file changes; those of WebAssembly are dropped with the version. */
async function keptFile(address: string, request: Request): Promise<Response> {
  const found = await match(address);
  if (found !== undefined) return found;
  const response = await fetch(request);
  // A full disk only means that it is fetched again.
  if (response.ok) await keep(address, response.clone()).catch(() => undefined);
  return response;
}

const match = (address: string): Promise<Response | undefined> =>
  caches.open(cacheName).then((cache) => cache.match(address));

const keep = (address: string, response: Response): Promise<void> =>
  caches.open(cacheName).then((cache) => cache.put(address, response));

// The page asks, once it has computed something, that what computes on any processor be kept.
scope.addEventListener('message', (event) => {
  const [port] = event.ports;
  const address = addressOf(wasm[0]);
  const done = keptFile(address, new Request(address))
    .then(() => match(address))
    .then((found) => port?.postMessage(found !== undefined))
    .catch(() => port?.postMessage(false));
  event.waitUntil(done);
});
