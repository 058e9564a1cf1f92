import type { DownloadProgress } from '../weights/download.node.js';
import { StatusBar, type DisplayTerminal } from './status-bar.js';
import { formatBytes } from './text.js';

/** Shows a download: a bar on a terminal, a line for every tenth elsewhere. */
export class DownloadDisplay extends StatusBar {
  private shown = -1;

  /** @param name the model's */
  constructor(
    private readonly name: string,
    terminal: DisplayTerminal,
  ) {
    super(terminal, `${name} {bar} {percentage}% of {size}, {eta_formatted} left`);
  }

  /** Shows an event of the download. */
  show(event: DownloadProgress): void {
    if (event.type === 'bytes') this.takeBytes(event.received, event.total);
    else if (event.type === 'retry') {
      const seconds = (event.milliseconds / 1000).toFixed(1);
      this.say(`${this.name}: ${event.reason}; trying again in ${seconds} s`);
    } else this.say(`${this.name}: downloaded, checking`);
  }

  private takeBytes(received: number, total: number | undefined): void {
    if (this.visible && total !== undefined) {
      this.draw(received, total, { size: formatBytes(total) });
      return;
    }
    const tenths = Math.floor((received / (total ?? 100_000_000)) * 10);
    if (tenths === this.shown) return;
    this.shown = tenths;
    const of = total === undefined ? '' : ` of ${formatBytes(total)}`;
    this.say(`${this.name}: ${formatBytes(received)}${of}`);
  }
}
