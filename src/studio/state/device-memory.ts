import { browserFiles } from '../../api/browser-files.browser.js';

/** How much of a device's memory a page may take before the system ends it. */
const share = 0.5;

/** Bytes that a run may take here: what WebAssembly can address, and on a small device less. Browsers say it roughly, or not. */
export function memoryLimit(): number {
  const { deviceMemory } = navigator as { readonly deviceMemory?: number };
  const addressable = browserFiles.availableMemory();
  return deviceMemory === undefined ? addressable : Math.min(addressable, share * deviceMemory * 1e9);
}
