import { Presets, SingleBar, type Options } from 'cli-progress';
import { shortNumber } from '../methods/facts.js';
import { canDraw, type Terminal, type TerminalStream } from './terminal.js';
import { formatDuration } from './text.js';

/** Where displays are: on stderr, since stdout is for results. */
export type DisplayTerminal = Pick<Terminal, 'stderr' | 'environment'>;

/** Milliseconds between two lines about steps. */
const lineInterval = 5000;

/**
 * A bar at the foot of a terminal, with lines of their own above it. Elsewhere, and on terminals that can't draw, there are
 * the lines alone.
 */
export class StatusBar {
  private readonly stream: TerminalStream;
  private readonly bar: SingleBar | undefined;
  private lastLine = -Infinity;

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

  /** A line of its own, above the bar. */
  say(line: string): void {
    this.stop();
    this.stream.write(`${line}\n`);
  }

  /** Takes the bar down and gives the cursor back. */
  stop(): void {
    if (this.bar?.isActive === true) this.bar.stop();
  }

  /** Whether there is a bar to draw. */
  protected get visible(): boolean {
    return this.bar !== undefined;
  }

  /**
   * Draws the bar, anew below a line of its own.
   * @param value undefined leaves it where it is
   * @param payload what the format names
   */
  protected draw(
    value: number | undefined,
    total: number,
    payload: Readonly<Record<string, string>> = {},
  ): void {
    if (this.bar === undefined) return;
    if (!this.bar.isActive) this.bar.start(total, value ?? 0, payload);
    else if (value === undefined) this.bar.update(payload);
    else this.bar.update(value, payload);
  }

  /**
   * Whether it is time for another line about steps, of which there is one every few seconds.
   * @param always for a step that has one whenever it comes
   */
  protected lineDue(always: boolean): boolean {
    const now = performance.now();
    if (!always && now - this.lastLine < lineInterval) return false;
    this.lastLine = now;
    return true;
  }
}

/** A mean in which a new number counts for a fifth, and those before it for the rest. */
export class RunningMean {
  private mean: number | undefined;

  get value(): number {
    return this.mean ?? 0;
  }

  add(value: number): void {
    this.mean = this.mean === undefined ? value : this.mean + 0.2 * (value - this.mean);
  }
}

/** Steps a second, and the time that is left. */
export class Pace {
  private readonly perSecond = new RunningMean();
  private left = 0;

  /** @param unit what steps are called */
  constructor(private readonly unit: string) {}

  /**
   * Takes a step.
   * @param left milliseconds that all later ones will take
   */
  add(milliseconds: number, left: number): void {
    this.perSecond.add(1000 / Math.max(milliseconds, 1e-3));
    this.left = left;
  }

  text(): string {
    return `${shortNumber(this.perSecond.value)} ${this.unit}/s, ${formatDuration(this.left / 1000)} left`;
  }
}
