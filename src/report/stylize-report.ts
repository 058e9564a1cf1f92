import type { CurvePoint } from '../methods/optimize-scale.js';
import { html, type Html } from './html.js';
import {
  commandBlock,
  comparison,
  curveChart,
  facts,
  pictures,
  section,
  type Chart,
  type PagePicture,
} from './page-parts.js';
import { renderPage, type ChartLibrary } from './page.js';

/** What the page about a stylisation shows. All text may be any text: it is escaped. */
export interface StylizeReport {
  readonly title: string;
  /** `running` makes the page reload itself. */
  readonly stopped: 'running' | 'finished' | 'cancelled' | 'diverged';
  /** Steps done and to be done. */
  readonly iteration: number;
  readonly iterations: number;
  readonly content: PagePicture;
  readonly styles: readonly PagePicture[];
  /** The picture as it stands; absent before the first step. */
  readonly result: PagePicture | undefined;
  readonly curve: readonly CurvePoint[];
  /** Sizes worked at, coarse to fine. */
  readonly scales: readonly { readonly width: number; readonly height: number }[];
  readonly strip: readonly PagePicture[];
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** The command that makes the picture again. */
  readonly command: string;
}

/** How often a page reloads itself while the work goes on, in seconds. */
const refreshSeconds = 5;

/** The page about a stylisation, during it or afterwards, as one self-contained HTML document. */
export function renderStylizeReport(report: StylizeReport, library: ChartLibrary): string {
  const { content, styles, result, curve, strip } = report;
  const sections = [
    ...(result === undefined ? [] : [comparison(content, result)]),
    section('Photograph and painting', pictures('sources', [content, ...styles])),
    ...(curve.length === 0 ? [] : [section('Losses', curveChart(lossChart(report)))]),
    ...(strip.length === 0 ? [] : [section('On the way', pictures('strip', strip))]),
    section('Settings', facts(report.facts)),
    section('The command', commandBlock(report.command)),
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

function statusOf({ stopped, iteration, iterations }: StylizeReport): Html {
  const steps = `${iteration} of ${iterations} iterations`;
  switch (stopped) {
    case 'running':
      return html`<strong>Running</strong>: ${steps}; this page reloads itself.`;
    case 'finished':
      return html`Finished after ${iteration} iterations.`;
    case 'cancelled':
      return html`<strong>Stopped</strong> after ${steps}; the best picture until then.`;
    case 'diverged':
      return html`<strong>The loss was no longer a number</strong> after ${steps}; the last good picture.`;
  }
}

function lossChart({ curve, scales }: StylizeReport): Chart {
  const values = (term: 'total' | 'content' | 'style' | 'totalVariation'): number[] =>
    curve.map((point) => point[term]);
  const starts = curve.filter(({ scale }, index) => index === 0 || scale !== curve[index - 1]!.scale);
  return {
    x: curve.map(({ iteration }) => iteration),
    series: [
      { label: 'total', colour: 'ink', width: 2, values: values('total') },
      { label: 'content', colour: 'content', width: 1.5, values: values('content') },
      { label: 'style', colour: 'style', width: 1.5, values: values('style') },
      { label: 'total variation', colour: 'smoothness', width: 1.5, values: values('totalVariation') },
    ],
    bands: starts.map(({ iteration, scale }) => ({
      from: iteration,
      label: `${scales[scale]!.width}x${scales[scale]!.height}`,
    })),
  };
}
