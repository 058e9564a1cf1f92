import { createImage, type Image } from '../images/image.js';
import { resizeImage } from '../images/resize.js';
import type {
  GramInstability,
  MeasuredTexture,
} from '../methods/gram-instability/gram-instability-method.js';
import type { LayerHistograms } from '../methods/gram-instability/layer-measurement.js';
import type { TextbookMap } from '../methods/gram-instability/textbook-pair.js';
import type { Fact } from '../methods/method.js';
import { readChartLibrary } from './chart-library.node.js';
import { embedPicture } from './embedded-picture.node.js';
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
import { renderPage } from './page.js';

/** What a page about a result says beside the result. All text may be any text: it is escaped. */
export interface ResultContext {
  /** The name of the picture that it is about. */
  readonly input: string;
  readonly facts: readonly Fact[];
  /** The command that makes the page again, where it is known. */
  readonly command: string | undefined;
}

/** The page that shows what Gram matrices can't see, as one self-contained HTML document. */
export async function renderGramInstability(
  result: GramInstability,
  context: ResultContext,
): Promise<string> {
  const { pair, sample, original, gram, both, histograms } = result;
  const { even, uneven } = pair;
  const [evenly, unevenly] = ['0.707 everywhere', 'half 1, half 0'];
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
      pictures('sources', [await shownMap(even, evenly), await shownMap(uneven, unevenly)]),
      facts(
        [
          row(evenly, even.gram, even.mean, even.variance),
          row(unevenly, uneven.gram, uneven.mean, uneven.variance),
        ],
        ['', 'Gram value', 'mean', 'variance'],
      ),
    ),
    section(
      'What comes of it',
      html`<p>
        Two textures after the same sample, from the same noise, in as many steps: one by the distance of the
        Gram matrices alone, one with the histogram loss beside it. The first may trade brightness for
        contrast wherever it likes.
      </p>`,
      pictures('large', [
        await shown(sample, `the sample: ${context.input}`),
        await shown(gram.image, 'by Gram alone'),
        await shown(both.image, 'by Gram and histograms'),
      ]),
    ),
    section(
      'How far from the sample',
      html`<p>
        At each layer, lower is nearer and 0 is the sample itself: the Gram distance and the histogram
        distance, both relative to the sample's own size, and how far the channels' means and standard
        deviations are off.
      </p>`,
      facts(
        gram.layers.flatMap((alone, index) => {
          const other = both.layers[index]!;
          return [
            row(`${alone.layer}, Gram alone`, alone.gram, alone.histogram, alone.mean, alone.deviation),
            row(`${alone.layer}, with histograms`, other.gram, other.histogram, other.mean, other.deviation),
          ];
        }),
        ['', 'Gram', 'histogram', 'means', 'deviations'],
      ),
    ),
    ...histograms.map(histogramSection),
    section('The losses', curveChart(lossChart(gram, both))),
    section(
      'Settings',
      facts([
        ['Size', `${sample.width}x${sample.height}, from ${original.width}x${original.height}`],
        ...context.facts,
      ]),
    ),
    ...(context.command === undefined ? [] : [section('The command', commandBlock(context.command))]),
  ];
  const status = html`Risser, Wilmot, Barnes 2017, "Stable and Controllable Neural Texture Synthesis and Style
  Transfer Using Histogram Losses".`;
  return renderPage({ title: "What Gram matrices can't see", status, sections }, await readChartLibrary());
}

const number = (value: number): string => String(Number(value.toPrecision(3)));

const row = (name: string, ...values: readonly number[]): string[] => [name, ...values.map(number)];

/** The long side of a picture on the page: small ones are shown enlarged, so that their pixels can be compared. */
const shownSide = 384;

function shown(image: Image, caption: string): Promise<PagePicture> {
  const factor = Math.max(1, Math.floor(shownSide / Math.max(image.width, image.height)));
  const large = resizeImage(image, factor * image.width, factor * image.height, 'nearest');
  return embedPicture(large, caption, Math.max(large.width, large.height));
}

const shownMap = ({ side, values }: TextbookMap, caption: string): Promise<PagePicture> =>
  shown(createImage(side, side, Float32Array.of(...values, ...values, ...values)), caption);

const histogramSection = ({ layer, all, channel, one }: LayerHistograms): Html =>
  section(
    `Activations at ${layer}`,
    html`<p>The part of all activations that lies in each bin.</p>`,
    histogramChart(all),
    html`<p>The same of channel ${channel}, which is furthest off in the texture by Gram alone.</p>`,
    histogramChart(one),
  );

const histogramChart = ({ centres, parts }: LayerHistograms['all']): Html =>
  curveChart({
    unit: 'activation',
    x: centres.map((x) => Number(x.toPrecision(4))),
    series: [
      { label: 'sample', colour: 'ink', width: 2.5, values: parts['sample']! },
      { label: 'Gram alone', colour: 'style', width: 1.5, values: parts['gram']! },
      { label: 'with histograms', colour: 'content', width: 1.5, values: parts['both']! },
    ],
    bands: [],
  });

/** A texture that can't come nearer is done with its scale before all steps: its curve has a gap then. */
function lossChart(gram: MeasuredTexture, both: MeasuredTexture): Chart {
  const steps = Math.max(gram.curve.at(-1)!.iteration, both.curve.at(-1)!.iteration);
  const x = Array.from({ length: steps }, (_, index) => index + 1);
  const values = ({ curve }: MeasuredTexture, term: 'style' | 'histogram'): number[] => {
    const known = new Map(curve.map((point) => [point.iteration, point[term]]));
    return x.map((iteration) => known.get(iteration) ?? NaN);
  };
  const starts = both.curve.filter(({ scale }, index) => scale !== both.curve[index - 1]?.scale);
  return {
    x,
    series: termSeries({
      'Gram, alone': values(gram, 'style'),
      'Gram, with histograms': values(both, 'style'),
      histogram: values(both, 'histogram'),
    }),
    bands: starts.map(({ iteration }, index) => ({
      from: iteration,
      label: index === starts.length - 1 ? 'the whole' : 'half the size',
    })),
  };
}
