import { basename } from 'node:path';
import type { AnyMethod } from '../methods/method.js';
import type { MethodPlan } from '../methods/plan.js';
import type { IterationProgress, PictureProgress, Progress } from '../methods/progress.js';
import { StatusBar, type DisplayTerminal } from './status-bar.js';
import { formatDuration, formatLosses, formatNumber } from './text.js';

/** Milliseconds between two lines where there is no terminal to draw on. */
const lineInterval = 5000;

/** Shows how a method goes: a bar on a terminal; elsewhere a line at each scale's first step and every few seconds. */
export class MethodDisplay {
  private readonly bar: StatusBar;
  private picture: PictureProgress | undefined;
  private pace = new Pace([]);
  private lastLine = -Infinity;
  private lastScale = -1;

  /** @param quiet show nothing but warnings */
  constructor(
    private readonly terminal: DisplayTerminal,
    { stepwise }: Pick<AnyMethod, 'stepwise'>,
    private readonly quiet: boolean,
  ) {
    const format =
      stepwise === true
        ? '{name}{bar} {value}/{total}  {size}  {pace}  {losses}'
        : '{name}{bar} {percentage} %';
    this.bar = new StatusBar(terminal, format, quiet);
  }

  /** Shows an event of the run. */
  show(event: Progress): void {
    switch (event.type) {
      case 'picture':
        this.begin(event);
        break;
      case 'stage':
        this.draw(undefined, this.sizeText(event), 'getting ready');
        break;
      case 'iteration':
        this.step(event);
        break;
      case 'part':
        this.bar.draw(Math.round(100 * event.done), 100, { name: this.name() });
        break;
      case 'failed':
        this.say(`${event.input}: ${event.error.message}`);
        break;
      case 'warning':
        this.say(`Warning: ${event.message}`);
        break;
      case 'saved':
        break;
    }
  }

  /** A line of its own, above the bar. */
  say(text: string): void {
    this.bar.say(text);
  }

  /** Takes the bar down and gives the cursor back. */
  stop(): void {
    this.bar.stop();
  }

  private begin(event: PictureProgress): void {
    this.stop();
    this.picture = event;
    this.pace = new Pace(event.plan.scales);
    this.lastScale = -1;
  }

  private step(event: IterationProgress): void {
    this.pace.add(event);
    const size = this.sizeText(event);
    this.draw(event.iteration, size, formatLosses(event.losses));
    if (this.bar.visible || this.quiet) return;
    const now = performance.now();
    if (event.scale === this.lastScale && now - this.lastLine < lineInterval) return;
    this.lastLine = now;
    this.lastScale = event.scale;
    const { iteration, iterations, losses } = event;
    this.terminal.stderr.write(
      `${this.name()}${size}  ${iteration} of ${iterations}  ${formatLosses(losses)}  ${this.pace.text()}\n`,
    );
  }

  /** Which picture, where there are several. */
  private name(): string {
    const { picture } = this;
    if (picture === undefined || picture.count === 1) return '';
    return `[${picture.index + 1}/${picture.count}] ${basename(picture.input)}  `;
  }

  /** The size that is optimised at, or what stands for it. */
  private sizeText({ scale, width, height }: Pick<IterationProgress, 'scale' | 'width' | 'height'>): string {
    return this.picture?.plan.scales[scale]?.label ?? `${width}x${height}`;
  }

  private draw(iteration: number | undefined, size: string, losses: string): void {
    if (this.picture === undefined) return;
    const total = this.picture.plan.scales.reduce((sum, { iterations }) => sum + iterations, 0);
    this.bar.draw(iteration, total, {
      name: this.name(),
      size,
      losses,
      pace: iteration === undefined ? '' : this.pace.text(),
    });
  }
}

/** Steps a second and the time left. A step at a larger scale takes longer, as it has more pixels. */
class Pace {
  private perSecond = 0;
  private perPixel = 0;
  private left = 0;

  constructor(private readonly scales: MethodPlan['scales']) {}

  /** How much a new step counts against those before it. */
  private static readonly weight = 0.2;

  add({ milliseconds, width, height, scale, iteration }: IterationProgress): void {
    const smooth = (old: number, now: number): number => (old === 0 ? now : old + Pace.weight * (now - old));
    this.perSecond = smooth(this.perSecond, 1000 / Math.max(milliseconds, 1e-3));
    this.perPixel = smooth(this.perPixel, milliseconds / (width * height));
    const before = this.scales.slice(0, scale + 1).reduce((sum, { iterations }) => sum + iterations, 0);
    const here = (before - iteration) * width * height;
    const later = this.scales
      .slice(scale + 1)
      .reduce((sum, one) => sum + one.iterations * one.width * one.height, 0);
    this.left = ((here + later) * this.perPixel) / 1000;
  }

  text(): string {
    return `${formatNumber(this.perSecond)} it/s, ${formatDuration(this.left)} left`;
  }
}
