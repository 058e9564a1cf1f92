import type {
  TrainingProgress,
  TrainingStepProgress,
  ValidationProgress,
} from '../training/training-progress.js';
import { StatusBar, type DisplayTerminal } from './status-bar.js';
import { formatDuration, formatNumber } from './text.js';

export interface TrainingDisplayOptions {
  /** Show nothing but warnings. */
  readonly quiet?: boolean | undefined;
  /** Where events go as one JSON object per line: stdout. */
  readonly json?: NodeJS.WritableStream | undefined;
}

/** Milliseconds between two lines about steps, for people or as JSON. */
const lineInterval = 5000;
/** Terms are named beside the loss if there are no more than these. */
const mostTerms = 5;

/**
 * Shows a training: a bar on a terminal; elsewhere a line at the first and the last step and every few seconds. Losses are
 * means over the steps since the line before. Validations and warnings have lines of their own.
 */
export class TrainingDisplay {
  private readonly bar: StatusBar;
  /** Where lines would say what the JSON does. */
  private readonly silent: boolean;
  private readonly json: NodeJS.WritableStream | undefined;
  private pace: Pace | undefined;
  private since = new StepMeans();
  private lastLine = -Infinity;
  private best = Infinity;

  constructor(
    private readonly terminal: DisplayTerminal,
    { quiet = false, json }: TrainingDisplayOptions = {},
  ) {
    this.json = json;
    this.silent = quiet || json !== undefined;
    this.bar = new StatusBar(terminal, '{bar} {value}/{total}  {pace}  {losses}', quiet);
  }

  /** Shows an event of the training. */
  show(event: TrainingProgress): void {
    switch (event.type) {
      case 'step':
        this.takeStep(event);
        break;
      case 'validation':
        this.takeValidation(event);
        break;
      case 'checkpoint':
        this.print(event);
        break;
      case 'warning':
        this.print(event);
        this.say(`Warning: ${event.message}`);
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

  private takeStep(event: TrainingStepProgress): void {
    const { step, steps } = event;
    this.pace ??= new Pace(event);
    this.pace.add(event);
    this.since.add(event);
    const now = performance.now();
    const due = now - this.lastLine >= lineInterval || step === steps;
    this.bar.draw(step, steps, { pace: this.pace.text(), losses: lossText(event) });
    if (!due) return;
    this.lastLine = now;
    const means = this.since.take();
    this.print({ type: 'step', step, steps, ...means, elapsed: event.elapsed });
    if (this.bar.visible || this.silent) return;
    this.terminal.stderr.write(`${step} of ${steps}  ${lossText(means)}  ${this.pace.text()}\n`);
  }

  private takeValidation({ step, report: { losses, pictures } }: ValidationProgress): void {
    const captions = pictures.map(({ caption }) => caption);
    this.print({ type: 'validation', step, losses, pictures: captions });
    const { total = NaN, ...terms } = losses;
    const isBest = total < this.best;
    this.best = Math.min(this.best, total);
    if (this.silent && !this.bar.visible) return;
    const mark = isBest ? ', the best of this run' : '';
    this.say(`validation at step ${step}: ${withTerms(`total ${formatNumber(total)}`, terms)}${mark}`);
  }

  private print(object: object): void {
    if (this.json === undefined) return;
    // On a terminal both streams end up on the same screen.
    this.stop();
    this.json.write(`${JSON.stringify(object)}\n`);
  }
}

type Means = Pick<TrainingStepProgress, 'total' | 'terms' | 'gradientNorm' | 'milliseconds'>;

function lossText({ total, terms, gradientNorm }: Omit<Means, 'milliseconds'>): string {
  const losses = withTerms(`loss ${formatNumber(total)}`, terms);
  return `${losses}, gradient ${formatNumber(gradientNorm)}`;
}

function withTerms(text: string, terms: Readonly<Record<string, number>>): string {
  const entries = Object.entries(terms);
  if (entries.length === 0 || entries.length > mostTerms) return text;
  return `${text} (${entries.map(([name, value]) => `${name} ${formatNumber(value)}`).join(', ')})`;
}

/** Means over some steps. */
class StepMeans {
  private count = 0;
  private total = 0;
  private gradientNorm = 0;
  private milliseconds = 0;
  private terms: Record<string, number> = {};

  add({ total, terms, gradientNorm, milliseconds }: TrainingStepProgress): void {
    this.count += 1;
    this.total += total;
    this.gradientNorm += gradientNorm;
    this.milliseconds += milliseconds;
    for (const [name, value] of Object.entries(terms)) this.terms[name] = (this.terms[name] ?? 0) + value;
  }

  /** The means since the last call. */
  take(): Means {
    const { count, terms } = this;
    const means = {
      total: this.total / count,
      terms: Object.fromEntries(Object.entries(terms).map(([name, sum]) => [name, sum / count])),
      gradientNorm: this.gradientNorm / count,
      milliseconds: this.milliseconds / count,
    };
    this.count = this.total = this.gradientNorm = this.milliseconds = 0;
    this.terms = {};
    return means;
  }
}

/** Steps a second, and the time left with validations and checkpoints as often as so far. */
class Pace {
  private milliseconds: number;
  private left = 0;
  private readonly start: { readonly step: number; readonly elapsed: number };

  /** How much a new step counts against those before it. */
  private static readonly weight = 0.1;

  constructor({ step, elapsed, milliseconds }: TrainingStepProgress) {
    this.milliseconds = milliseconds;
    this.start = { step: step - 1, elapsed: elapsed - milliseconds };
  }

  add({ step, steps, elapsed, milliseconds }: TrainingStepProgress): void {
    this.milliseconds += Pace.weight * (milliseconds - this.milliseconds);
    const perStep = (elapsed - this.start.elapsed) / (step - this.start.step);
    this.left = ((steps - step) * perStep) / 1000;
  }

  text(): string {
    const perSecond = 1000 / Math.max(this.milliseconds, 1e-3);
    return `${formatNumber(perSecond)} steps/s, ${formatDuration(this.left)} left`;
  }
}
