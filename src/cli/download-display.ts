import type { DownloadProgress } from '../weights/download.node.js';
import { StatusBar, type DisplayTerminal } from './status-bar.js';

/** Bytes in the unit that people read: `80.1 MB`; a megabyte has 1,000,000 bytes. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Shows a download: a bar on a terminal, a line for every tenth elsewhere. */
export class DownloadDisplay {
  readonly #bar: StatusBar;
  #shown = -1;

  /** @param name the model's */
  constructor(
    readonly name: string,
    terminal: DisplayTerminal,
  ) {
    this.#bar = new StatusBar(terminal, `${name} {bar} {percentage}% of {size}, {eta_formatted} left`);
  }

  /** Shows an event of the download. */
  show(event: DownloadProgress): void {
    if (event.type === 'bytes') this.#bytes(event.received, event.total);
    else if (event.type === 'retry') {
      this.#line(`${event.reason}; trying again in ${(event.milliseconds / 1000).toFixed(1)} s`);
    } else this.#line('downloaded, checking');
  }

  /** Takes the bar down and gives the cursor back. */
  stop(): void {
    this.#bar.stop();
  }

  #bytes(received: number, total: number | undefined): void {
    if (this.#bar.visible && total !== undefined) {
      this.#bar.draw(received, total, { size: formatBytes(total) });
      return;
    }
    const step = Math.floor((received / (total ?? 100_000_000)) * 10);
    if (step === this.#shown) return;
    this.#shown = step;
    const of = total === undefined ? '' : ` of ${formatBytes(total)}`;
    this.#line(`${formatBytes(received)}${of}`);
  }

  #line(text: string): void {
    this.#bar.say(`${this.name}: ${text}`);
  }
}
