import { signal } from '@preact/signals';
import { runtimeDisposed } from '../../runtime/worker-requests.js';
import { EngineConnection } from '../engine/engine-connection.js';

/** What computes now, once something has been computed. */
export const device = signal<string | undefined>(undefined);

let current: EngineConnection | undefined;

/** The engine of the page, in its worker: started at its first use, and anew after it has ended. */
export function engine(): EngineConnection {
  if (current === undefined || current.hasEnded) {
    current = new EngineConnection(new URL('wasm/', document.baseURI), (name) => (device.value = name));
  }
  return current;
}

/** Ends what computes, whatever it does. The next use starts another. @param error what it has been asked for fails with */
export function endEngine(error: Error = runtimeDisposed()): void {
  current?.end(error);
  current = undefined;
}
