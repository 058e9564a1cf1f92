import { basename } from 'node:path';
import type { FileProgress, IterationProgress, Losses, LossTerm, StageProgress } from '../node.js';
import { StatusBar } from './status-bar.js';
import type { TerminalStream } from './terminal.js';
import { formatDuration, formatNumber } from './text.js';

/** A picture's turn begins. */
interface Turn {
  readonly type: 'picture';
  readonly index: number;
  readonly count: number;
  /** The file that it is made from. */
  readonly content: string;
  readonly plan: {
    readonly scales: readonly {
      readonly width: number;
      readonly height: number;
      readonly iterations: number;
    }[];
  };
}

/** What is shown of the events of stylisations, textures and reconstructions. */
export type OptimizationProgress = Turn | StageProgress | IterationProgress | FileProgress;

/** The terms as lines name them. */
const termNames: Readonly<Record<LossTerm, string>> = {
  content: 'content',
  style: 'style',
  totalVariation: 'tv',
  histogram: 'histogram',
  laplacian: 'detail',
};

/** Milliseconds between two lines where there is no terminal to draw on. */
const lineInterval = 5000;

/** Shows how pictures are optimised: a bar on a terminal; elsewhere a line at each scale's first step and every few seconds. */
export class OptimizationDisplay {
  private readonly bar: StatusBar;
  private picture: Turn | undefined;
  private pace = new Pace([]);
  private lastLine = -Infinity;
  private lastScale = -1;

  /**
   * @param stream stderr, since stdout is for results
   * @param quiet show nothing but warnings
   * @param terms those that the loss has, in their order
   */
  constructor(
    private readonly stream: TerminalStream,
    private readonly quiet: boolean,
    private readonly terms: readonly LossTerm[] = ['content', 'style', 'totalVariation'],
  ) {
    this.bar = new StatusBar(stream, '{name}{bar} {value}/{total}  {size}  {pace}  {losses}', quiet);
  }

  /** Shows an event of the work. */
  show(event: OptimizationProgress): void {
    switch (event.type) {
      case 'picture':
        this.begin(event);
        break;
      case 'stage':
        this.draw(undefined, `${event.width}x${event.height}`, 'getting ready');
        break;
      case 'iteration':
        this.step(event);
        break;
      case 'failed':
        this.say(`${event.content}: ${event.error.message}`);
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

  private begin(event: Turn): void {
    this.stop();
    this.picture = event;
    this.pace = new Pace(event.plan.scales);
    this.lastScale = -1;
  }

  private step(event: IterationProgress): void {
    this.pace.add(event);
    const size = `${event.width}x${event.height}`;
    this.draw(event.iteration, size, this.lossText(event.losses));
    if (this.bar.visible || this.quiet) return;
    const now = performance.now();
    if (event.scale === this.lastScale && now - this.lastLine < lineInterval) return;
    this.lastLine = now;
    this.lastScale = event.scale;
    const { iteration, iterations, losses } = event;
    this.stream.write(
      `${this.name()}${size}  ${iteration} of ${iterations}  ${this.lossText(losses)}  ${this.pace.text()}\n`,
    );
  }

  /** Which picture, where there are several. */
  private name(): string {
    const { picture } = this;
    if (picture === undefined || picture.count === 1) return '';
    return `[${picture.index + 1}/${picture.count}] ${basename(picture.content)}  `;
  }

  private lossText(losses: Losses): string {
    const terms = this.terms.map((term) => `${termNames[term]} ${formatNumber(losses[term] ?? 0)}`);
    return `loss ${formatNumber(losses.total)} (${terms.join(', ')})`;
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

  constructor(private readonly scales: Turn['plan']['scales']) {}

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
