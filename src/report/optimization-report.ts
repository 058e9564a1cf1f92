import { lossTermNames, type Losses, type LossTerm } from '../losses/terms.js';
import type { CurvePoint } from '../methods/optimization/walk-state.js';
import type { PlannedScale } from '../methods/plan.js';
import { html, type Html } from './html.js';
import {
  commandBlock,
  comparison,
  curveChart,
  facts,
  pictures,
  section,
  type Chart,
  type CurveColour,
  type PagePicture,
} from './page-parts.js';
import { renderPage, type ChartLibrary } from './page.js';

/** What the page about an optimised picture shows. All text may be any text: it is escaped. */
export interface OptimizationReport {
  readonly title: string;
  /** `running` makes the page reload itself. */
  readonly stopped: 'running' | 'finished' | 'cancelled' | 'diverged';
  /** Steps done and to be done. */
  readonly iteration: number;
  readonly iterations: number;
  /** What the result is laid over, with a slider; without it the result stands alone. */
  readonly before: PagePicture | undefined;
  readonly sources: { readonly heading: string; readonly pictures: readonly PagePicture[] };
  /** The picture as it stands; absent before the first step. */
  readonly result: PagePicture | undefined;
  readonly curve: readonly CurvePoint[];
  /** The terms that the loss has, in the order in which they are drawn. */
  readonly terms: readonly LossTerm[];
  /** Sizes worked at, coarse to fine. */
  readonly scales: readonly PlannedScale[];
  readonly strip: readonly PagePicture[];
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** The command that makes the picture again, where it is known. */
  readonly command: string | undefined;
}

/** How often a page reloads itself while the work goes on, in seconds. */
const refreshSeconds = 5;

/** The page about an optimised picture, during the work or afterwards, as one self-contained HTML document. */
export function renderOptimizationReport(report: OptimizationReport, library: ChartLibrary): string {
  const { before, sources, result, curve, strip } = report;
  const sections = [
    ...(result === undefined
      ? []
      : [before === undefined ? pictures('large', [result]) : comparison(before, result)]),
    section(sources.heading, pictures('sources', sources.pictures)),
    ...(curve.length === 0 ? [] : [section('Losses', curveChart(lossChart(report)))]),
    ...(strip.length === 0 ? [] : [section('On the way', pictures('strip', strip))]),
    section('Settings', facts(report.facts)),
    ...(report.command === undefined ? [] : [section('The command', commandBlock(report.command))]),
  ];
  const running = report.stopped === 'running';
  return renderPage(
    {
      title: report.title,
      status: statusOf(report),
      sections,
      refreshSeconds: running ? refreshSeconds : undefined,
    },
    library,
  );
}

function statusOf({ stopped, iteration, iterations }: OptimizationReport): Html {
  const steps = `${iteration} of ${iterations} iterations`;
  switch (stopped) {
    case 'running':
      return html`<strong>Running</strong>: ${steps}; this page reloads itself.`;
    case 'finished':
      return iterations === 0 ? html`Finished.` : html`Finished after ${iteration} iterations.`;
    case 'cancelled':
      return html`<strong>Stopped</strong> after ${steps}; the best picture until then.`;
    case 'diverged':
      return html`<strong>The loss was no longer a number</strong> after ${steps}; the last good picture.`;
  }
}

/** How the terms are drawn. */
const termColours: Readonly<Record<LossTerm, CurveColour>> = {
  content: 'content',
  style: 'style',
  totalVariation: 'smoothness',
  grain: 'gold',
  histogram: 'violet',
  laplacian: 'teal',
};

function lossChart({ curve, scales, terms }: OptimizationReport): Chart {
  const values = (term: keyof Losses): number[] => curve.map((point) => point[term] ?? 0);
  const starts = curve.filter(({ scale }, index) => index === 0 || scale !== curve[index - 1]!.scale);
  return {
    x: curve.map(({ iteration }) => iteration),
    series: [
      { label: 'total', colour: 'ink', width: 2, values: values('total') },
      ...terms.map((term) => ({
        label: lossTermNames[term],
        colour: termColours[term],
        width: 1.5,
        values: values(term),
      })),
    ],
    bands: starts.map(({ iteration, scale }) => ({
      from: iteration,
      label: scales[scale]!.label ?? `${scales[scale]!.width}x${scales[scale]!.height}`,
    })),
  };
}
