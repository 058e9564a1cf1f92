import type { GramInstability, LayerDistances, LayerHistograms } from '../methods/gram-instability.js';
import { html, type Html } from './html.js';
import {
  commandBlock,
  curveChart,
  facts,
  pictures,
  section,
  termSeries,
  type Chart,
  type ChartSeries,
  type PagePicture,
} from './page-parts.js';
import { renderPage, type ChartLibrary } from './page.js';

/** What the page about the instability shows. All text may be any text: it is escaped. */
export interface GramInstabilityReport {
  readonly result: GramInstability;
  readonly even: PagePicture;
  readonly uneven: PagePicture;
  readonly sample: PagePicture;
  readonly gram: PagePicture;
  readonly both: PagePicture;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** The command that makes the page again. */
  readonly command: string;
}

/** The page that shows what Gram matrices can't see, as one self-contained HTML document. */
export function renderGramInstability(report: GramInstabilityReport, library: ChartLibrary): string {
  const { result } = report;
  const { pair } = result;
  const sections = [
    section(
      'The textbook case',
      html`<p>
        A Gram matrix holds, for each pair of channels, the mean of their product. Of a single channel that is
        the mean of its square, mean<sup>2</sup> + variance: what the one has too little, the other may have
        too much. A map that is ${number(Math.SQRT1_2)} everywhere and a map that is 1 on one half and 0 on
        the other are the same to it. The histogram loss of the one against the other is
        ${number(pair.histogram)}, on a scale on which 0 is the right histogram and 1 as far from it as a map
        of zeros.
      </p>`,
      pictures('sources', [report.even, report.uneven]),
      table(
        ['', 'Gram value', 'mean', 'variance'],
        (['even', 'uneven'] as const).map((name) => {
          const { gram, mean, variance } = pair[name];
          return [report[name].caption, number(gram), number(mean), number(variance)];
        }),
      ),
    ),
    section(
      'What comes of it',
      html`<p>
        Two textures after the same sample, from the same noise, in as many steps: one by the distance of the
        Gram matrices alone, one with the histogram loss beside it. The first may trade brightness for
        contrast wherever it likes.
      </p>`,
      pictures('large', [report.sample, report.gram, report.both]),
    ),
    section(
      'How far from the sample',
      html`<p>
        At each layer, lower is nearer and 0 is the sample itself: the Gram distance and the histogram
        distance, both relative to the sample's own size, and how far the channels' means and standard
        deviations are off.
      </p>`,
      table(
        ['', 'Gram', 'histogram', 'means', 'deviations'],
        result.gram.layers.flatMap((own, index) => [
          distanceRow(`${own.layer}, Gram alone`, own),
          distanceRow(`${own.layer}, with histograms`, result.both.layers[index]!),
        ]),
      ),
    ),
    ...result.histograms.flatMap(histogramSections),
    section('The losses', curveChart(lossChart(result))),
    section('Settings', facts(report.facts)),
    section('The command', commandBlock(report.command)),
  ];
  const status = html`Risser, Wilmot, Barnes 2017, "Stable and Controllable Neural Texture Synthesis and Style
  Transfer Using Histogram Losses".`;
  return renderPage({ title: "What Gram matrices can't see", status, sections }, library);
}

const number = (value: number): string => String(Number(value.toPrecision(3)));

function distanceRow(name: string, { gram, histogram, mean, deviation }: LayerDistances): string[] {
  return [name, ...[gram, histogram, mean, deviation].map(number)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): Html {
  const body = rows.map(
    ([name, ...cells]) =>
      html`<tr>
        <th scope="row">${name}</th>
        ${cells.map((cell) => html`<td>${cell}</td>`)}
      </tr>`,
  );
  return html`<table class="facts">
    <thead>
      <tr>
        ${head.map((cell) => html`<th scope="col">${cell}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${body}
    </tbody>
  </table>`;
}

function histogramSections({ layer, all, channel, one }: LayerHistograms): Html[] {
  return [
    section(
      `Activations at ${layer}`,
      html`<p>The part of all activations that lies in each bin.</p>`,
      curveChart(histogramChart(all)),
      html`<p>The same of channel ${channel}, which is furthest off in the texture by Gram alone.</p>`,
      curveChart(histogramChart(one)),
    ),
  ];
}

function histogramChart({ centres, parts }: LayerHistograms['all']): Chart {
  const lines = [
    { name: 'sample', label: 'sample', colour: 'ink', width: 2.5 },
    { name: 'gram', label: 'Gram alone', colour: 'style', width: 1.5 },
    { name: 'both', label: 'with histograms', colour: 'content', width: 1.5 },
  ] as const;
  const series = lines.map(({ name, ...line }): ChartSeries => ({
    ...line,
    values: [...(parts[name] ?? [])],
  }));
  return { unit: 'activation', x: centres.map((x) => Number(x.toPrecision(4))), series, bands: [] };
}

function lossChart({ gram, both, options: { iterations } }: GramInstability): Chart {
  const steps = Math.max(gram.curve.length, both.curve.length);
  const values = (curve: GramInstability['gram']['curve'], term: 'gram' | 'histogram'): number[] =>
    Array.from({ length: steps }, (_, step) => curve[step]?.[term] ?? NaN);
  return {
    x: Array.from({ length: steps }, (_, step) => step + 1),
    series: termSeries({
      'Gram, alone': values(gram.curve, 'gram'),
      'Gram, with histograms': values(both.curve, 'gram'),
      histogram: values(both.curve, 'histogram'),
    }),
    bands: [
      { from: 1, label: 'half the size' },
      { from: iterations + 1, label: 'the whole' },
    ],
  };
}
