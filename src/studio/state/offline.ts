import { effect, signal } from '@preact/signals';
import { fetchWeights } from '../../weights/fetch-weights.browser.js';
import { packageFiles } from '../../weights/package-files.browser.js';
import { device } from './engine.js';

/** What can be done without a network: nothing, look at the page, or paint with all that comes with it. */
export type Kept = 'nothing' | 'page' | 'everything';

export const kept = signal<Kept>('nothing');

/** Whether the place that the page is from doesn't answer. */
export const isOffline = signal(false);

/** Begins to keep the page, and after its first use what it computes with; nothing where the browser keeps nothing. */
export async function beginOffline(): Promise<void> {
  const { serviceWorker } = navigator as { readonly serviceWorker?: ServiceWorkerContainer };
  if (serviceWorker === undefined) return;
  addEventListener('offline', () => (isOffline.value = true));
  addEventListener('online', () => (isOffline.value = false));
  try {
    const address = new URL('service-worker.js', document.baseURI);
    await serviceWorker.register(address, { updateViaCache: 'none' });
    const registration = await serviceWorker.ready;
    kept.value = 'page';
    registration.update().catch(() => (isOffline.value = true));
    effect(() => {
      if (device.value !== undefined && kept.value === 'page') void keepEverything(registration);
    });
  } catch {
    // A browser that refuses to keep anything shows the page nevertheless.
  }
}

/** Fetches what is not there yet; where that fails, the next use tries again. */
async function keepEverything(registration: ServiceWorkerRegistration): Promise<void> {
  try {
    for (const { url, sha256 } of Object.values(packageFiles)) await fetchWeights(url(), sha256);
    if (await keepsWasm(registration)) kept.value = 'everything';
  } catch {
    // Without a network what is there stays.
  }
}

function keepsWasm({ active }: ServiceWorkerRegistration): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data === true);
    active!.postMessage('keep', [port2]);
  });
}
