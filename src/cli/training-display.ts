import type {
  TrainingProgress,
  TrainingStepProgress,
  ValidationProgress,
} from '../training/training-progress.js';
import { shortNumber } from '../methods/facts.js';
import { meanOfSteps, type TrainingCurvePoint } from '../training/training-history.js';
import { Pace, StatusBar, type DisplayTerminal } from './status-bar.js';
import { lossText } from './text.js';

export interface TrainingDisplayOptions {
  /** Show nothing but warnings. */
  readonly quiet?: boolean | undefined;
  /** Where events go as one JSON object per line: stdout. */
  readonly json?: NodeJS.WritableStream | undefined;
}

/** Terms are named beside the loss if there are no more than these. */
const mostTerms = 5;

/**
 * Shows a training: a bar on a terminal; elsewhere a line at the first and the last step and every few seconds. Losses are
 * means over the steps since the line before. Validations and warnings have lines of their own.
 */
export class TrainingDisplay extends StatusBar {
  /** Where lines would say what the JSON does. */
  private readonly silent: boolean;
  private readonly json: NodeJS.WritableStream | undefined;
  private readonly pace = new Pace('steps');
  /** Where the steps of this run began. */
  private start: { readonly step: number; readonly elapsed: number } | undefined;
  /** The mean of the steps since the last line. */
  private since: TrainingCurvePoint | undefined;
  private best = Infinity;

  constructor(terminal: DisplayTerminal, { quiet = false, json }: TrainingDisplayOptions = {}) {
    super(terminal, '{bar} {value}/{total}  {pace}  {losses}', quiet);
    this.json = json;
    this.silent = quiet || json !== undefined;
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

  private takeStep(event: TrainingStepProgress): void {
    const { step, steps, elapsed, milliseconds } = event;
    this.start ??= { step: step - 1, elapsed: elapsed - milliseconds };
    // Validations and checkpoints will take their time as often as so far.
    const perStep = (elapsed - this.start.elapsed) / (step - this.start.step);
    this.pace.add(milliseconds, (steps - step) * perStep);
    const point = { ...event, steps: 1 };
    this.since = this.since === undefined ? point : meanOfSteps(this.since, point);
    this.draw(step, steps, { pace: this.pace.text(), losses: stepText(event) });
    if (!this.lineDue(step === steps)) return;
    const { total, terms, gradientNorm, milliseconds: mean } = this.since;
    this.print({ type: 'step', step, steps, total, terms, gradientNorm, milliseconds: mean, elapsed });
    if (!this.visible && !this.silent)
      this.say(`${step} of ${steps}  ${stepText(this.since)}  ${this.pace.text()}`);
    this.since = undefined;
  }

  private takeValidation({ step, report: { losses, pictures } }: ValidationProgress): void {
    const captions = pictures.map(({ caption }) => caption);
    this.print({ type: 'validation', step, losses, pictures: captions });
    const { total = NaN, ...terms } = losses;
    const isBest = total < this.best;
    this.best = Math.min(this.best, total);
    if (this.silent && !this.visible) return;
    const mark = isBest ? ', the best of this run' : '';
    this.say(`validation at step ${step}: ${withFewTerms(total, terms, 'total')}${mark}`);
  }

  private print(object: object): void {
    if (this.json === undefined) return;
    // On a terminal both streams end up on the same screen.
    this.stop();
    this.json.write(`${JSON.stringify(object)}\n`);
  }
}

const stepText = ({
  total,
  terms,
  gradientNorm,
}: Pick<TrainingCurvePoint, 'total' | 'terms' | 'gradientNorm'>): string =>
  `${withFewTerms(total, terms, 'loss')}, gradient ${shortNumber(gradientNorm)}`;

const withFewTerms = (total: number, terms: Readonly<Record<string, number>>, name: string): string =>
  lossText({ ...(Object.keys(terms).length <= mostTerms ? terms : {}), total }, name);
