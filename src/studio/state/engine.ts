import { signal } from '@preact/signals';
import { browserPlatform } from '../../api/platform.browser.js';
import { Session } from '../../api/session.js';

/** What computes now, once something has been computed. */
export const device = signal<string | undefined>(undefined);

let current: Session | undefined;

/** The session of the page: made at its first use, and anew after {@link renewSession}. */
export function session(): Session {
  return (current ??= new Session(browserPlatform, { wasm: new URL('wasm/', document.baseURI) }));
}

/** Notes what the session computes on, which is known once it has compiled something. */
export function noteDevice(): void {
  device.value = current?.runtime.device;
}

/** Ends what computes, whatever it does, such as a worker that has failed. The next use makes another. */
export function renewSession(): void {
  void current?.dispose();
  current = undefined;
}
