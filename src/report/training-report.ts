import {
  condenseCurve,
  type TrainingCurvePoint,
  type TrainingHistory,
  type ValidationPoint,
} from '../training/training-history.js';
import { html, type Html } from './html.js';
import {
  commandBlock,
  curveChart,
  facts,
  pictures,
  section,
  termSeries,
  type Chart,
  type PagePicture,
} from './page-parts.js';
import { renderPage, type ChartLibrary } from './page.js';

/** What the page about a training shows. All text may be any text: it is escaped. */
export interface TrainingReport {
  readonly title: string;
  /** `running` makes the page reload itself. */
  readonly stopped: 'running' | 'finished' | 'cancelled' | 'failed';
  /** Why it failed. */
  readonly reason?: string | undefined;
  /** Steps done and to be done. */
  readonly step: number;
  readonly steps: number;
  readonly history: TrainingHistory;
  /** The pictures of the latest validation. */
  readonly latest: readonly PagePicture[];
  /** One picture of some earlier ones. */
  readonly strip: readonly PagePicture[];
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** The command that trains the same again, where it is known. */
  readonly command: string | undefined;
}

/** How often a page reloads itself while the work goes on, in seconds. */
const refreshSeconds = 10;

/** Batches differ in their losses: more points than these would be drawn as noise. */
const mostPoints = 500;

/** The page about a training, during it or afterwards, as one self-contained HTML document. */
export function renderTrainingReport(report: TrainingReport, library: ChartLibrary): string {
  const { history, latest, strip, title } = report;
  const { validations } = history;
  const curve = condenseCurve(history.curve, mostPoints);
  const sections = [
    ...(latest.length === 0 ? [] : [section('Latest validation', pictures('large', latest))]),
    ...(strip.length === 0 ? [] : [section('On the way', pictures('strip', strip))]),
    ...(curve.length === 0
      ? []
      : [
          section('Training losses', curveChart(lossChart(curve))),
          section('Length of the gradient', curveChart(gradientChart(curve))),
        ]),
    ...(validations.length === 0
      ? []
      : [section('Validation losses', curveChart(validationChart(validations)), bestOf(validations))]),
    section('Settings', facts([...courseFacts(history), ...report.facts])),
    ...(report.command === undefined ? [] : [section('The command', commandBlock(report.command))]),
  ];
  const running = report.stopped === 'running';
  const page = { title, status: statusOf(report), sections };
  return renderPage({ ...page, refreshSeconds: running ? refreshSeconds : undefined }, library);
}

function statusOf({ stopped, step, steps, reason }: TrainingReport): Html {
  const done = `${step} of ${steps} steps`;
  switch (stopped) {
    case 'running':
      return html`<strong>Running</strong>: ${done}; this page reloads itself.`;
    case 'finished':
      return html`Finished after ${step} steps.`;
    case 'cancelled':
      return html`<strong>Stopped</strong> after ${done}.`;
    case 'failed':
      return html`<strong>Failed</strong> after ${done}. ${reason}`;
  }
}

/** Names of all points, in the order in which they first appear. */
const namesOf = (records: readonly Readonly<Record<string, number>>[]): string[] => [
  ...new Set(records.flatMap((record) => Object.keys(record))),
];

function curvesOf(records: readonly Readonly<Record<string, number>>[]): Record<string, number[]> {
  return Object.fromEntries(
    namesOf(records).map((name) => [name, records.map((record) => record[name] ?? NaN)]),
  );
}

function lossChart(curve: readonly TrainingCurvePoint[]): Chart {
  const series = termSeries(curvesOf(curve.map(({ total, terms }) => ({ total, ...terms }))));
  return { unit: 'step', x: curve.map(({ step }) => step), series, bands: [] };
}

function gradientChart(curve: readonly TrainingCurvePoint[]): Chart {
  const values = curve.map(({ gradientNorm }) => gradientNorm);
  const series = [{ label: 'length', colour: 'accent', width: 1.5, values } as const];
  return { unit: 'step', x: curve.map(({ step }) => step), series, bands: [] };
}

function validationChart(validations: readonly ValidationPoint[]): Chart {
  const series = termSeries(curvesOf(validations.map(({ losses }) => losses)));
  return { unit: 'step', x: validations.map(({ step }) => step), series, bands: [] };
}

const number = (value: number | undefined): string =>
  value === undefined ? '' : String(Number(value.toPrecision(4)));

/** Every loss at the first, the best and the latest validation; the best is the one of the smallest total. */
function bestOf(validations: readonly ValidationPoint[]): Html {
  const latest = validations.at(-1)!;
  const best = validations.reduce((one, other) =>
    (other.losses['total'] ?? Infinity) < (one.losses['total'] ?? Infinity) ? other : one,
  );
  const columns = [
    { name: 'first', point: validations[0]! },
    { name: 'best', point: best },
    { name: 'latest', point: latest },
  ];
  const head = columns.map(({ name, point }) => html`<th scope="col">${name} (step ${point.step})</th>`);
  const rows = namesOf(columns.map(({ point }) => point.losses)).map(
    (name) =>
      html`<tr>
        <th scope="row">${name}</th>
        ${columns.map(({ point }) => html`<td>${number(point.losses[name])}</td>`)}
      </tr>`,
  );
  return html`<table class="facts">
    <thead>
      <tr>
        <th></th>
        ${head}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

/** Recent points that the time of a step is taken from. */
const recentPoints = 20;

function courseFacts({ curve, elapsed }: TrainingHistory): (readonly [name: string, value: string])[] {
  const recent = curve.slice(-recentPoints);
  if (recent.length === 0) return [];
  const steps = recent.reduce((sum, point) => sum + point.steps, 0);
  const milliseconds = recent.reduce((sum, point) => sum + point.milliseconds * point.steps, 0) / steps;
  return [
    ['Time', `${number(elapsed / 60_000)} min so far`],
    ['Time per step', `${number(milliseconds)} ms, on average over the last ${steps} steps`],
  ];
}
