import { Presets, SingleBar, type Options } from 'cli-progress';
import { canDraw, type Terminal, type TerminalStream } from './terminal.js';

/** Where displays are: on stderr, since stdout is for results. */
export type DisplayTerminal = Pick<Terminal, 'stderr' | 'environment'>;

/**
 * A bar at the foot of a terminal, with lines of their own above it. Elsewhere, and on terminals that can't draw, there are
 * the lines alone.
 */
export class StatusBar {
  private readonly stream: TerminalStream;
  private readonly bar: SingleBar | undefined;

  /**
   * @param format as cli-progress has it. What matters least is at the end, which narrow terminals cut off
   * @param hidden whether there is no bar on a terminal either
   */
  constructor(terminal: DisplayTerminal, format: string, hidden = false) {
    const { stderr: stream } = terminal;
    this.stream = stream;
    if (hidden || !canDraw(terminal)) return;
    const options: Options = { format, barsize: 20, hideCursor: true, linewrap: false };
    this.bar = new SingleBar({ ...options, stream, stopOnComplete: false }, Presets.shades_classic);
  }

  /** Whether there is a bar to draw. */
  get visible(): boolean {
    return this.bar !== undefined;
  }

  /**
   * Draws the bar, anew below a line of its own.
   * @param value undefined leaves it where it is
   * @param payload what the format names
   */
  draw(value: number | undefined, total: number, payload: Readonly<Record<string, string>> = {}): void {
    if (this.bar === undefined) return;
    if (!this.bar.isActive) this.bar.start(total, value ?? 0, payload);
    else if (value === undefined) this.bar.update(payload);
    else this.bar.update(value, payload);
  }

  /** A line of its own, above the bar. */
  say(line: string): void {
    this.stop();
    this.stream.write(`${line}\n`);
  }

  /** Takes the bar down and gives the cursor back. */
  stop(): void {
    if (this.bar?.isActive === true) this.bar.stop();
  }
}
