import { expect, it } from 'vitest';
import { createImage, type Image } from '../../src/images/image.js';
import type { GramInstability } from '../../src/methods/gram-instability/gram-instability-method.js';
import { renderGramInstability } from '../../src/report/gram-instability-report.node.js';

const grey = (width: number, height: number): Image =>
  createImage(width, height, new Float32Array(3 * width * height).fill(0.5));
const map = (value: number) => ({
  side: 2,
  values: new Float32Array(4).fill(value),
  gram: 0.5,
  mean: value,
  variance: 0,
});
const histogram = {
  centres: [0.51234567, 1.5],
  parts: { sample: [1, 0], gram: [0.5, 0.5], both: [0.9, 0.1] },
};
const distances = { layer: 'relu1_1', gram: 0.000123456, histogram: 0.25, mean: 0.5, deviation: 1 };
const texture = (curve: GramInstability['gram']['curve'], gram: number): GramInstability['gram'] => ({
  ...{ image: grey(100, 50), stopped: 'finished', losses: { total: 1 }, iterations: 3, evaluations: 3 },
  ...{ curve, layers: [{ ...distances, gram }], state: () => new Uint8Array() },
});
const point = (iteration: number, scale: number, losses: object) => ({
  ...{ iteration, scale, elapsed: 1, total: 1 },
  ...losses,
});
const result: GramInstability = {
  stopped: 'finished',
  pair: { even: map(Math.SQRT1_2), uneven: map(0.5), histogram: 0.585786 },
  sample: grey(100, 50),
  original: { width: 300, height: 150 },
  // The first scale of one is done early.
  gram: texture([point(1, 0, { style: 4 }), point(3, 1, { style: 2 })], 0.000123456),
  both: texture(
    [1, 2, 3].map((step) => point(step, step === 3 ? 1 : 0, { style: 8, histogram: step })),
    0.00025,
  ),
  histograms: [{ layer: 'relu1_1', channel: 7, all: histogram, one: histogram }],
};
const context = { input: '<a> & b.png', facts: [['Seed', '"3"']] as const, command: "pastiche demo '<a>'" };
const page = await renderGramInstability(result, context);

interface DrawnChart {
  readonly unit: string;
  readonly x: number[];
  readonly series: readonly { readonly label: string; readonly values: (number | null)[] }[];
  readonly bands: readonly { readonly from: number; readonly label: string }[];
}
const charts = [...page.matchAll(/data-kind="chart">(.*?)<\/script>/gs)].map(
  ([, json]) => JSON.parse(json!) as DrawnChart,
);
const rows = [...page.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
  [...row!.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell),
);

it('shows what belongs to other people as text, and forbids requests', () => {
  expect(page).toContain('the sample: &lt;a&gt; &amp; b.png');
  expect(page).toContain('<pre>pastiche demo &#39;&lt;a&gt;&#39;</pre>');
  expect(rows).toContainEqual(['Seed', '&quot;3&quot;']);
  expect(page).toContain(`content="default-src &#39;none&#39;; img-src data:;`);
  expect(page).not.toMatch(/(src|href)="(?!data:)/);
});

it('has the maps and the textures, small ones enlarged by whole factors', () => {
  const sizes = [...page.matchAll(/<img src="data:image\/jpeg;base64,[^"]+" width="(\d+)" height="(\d+)"/g)];
  expect(sizes.map(([, width, height]) => `${width}x${height}`)).toEqual([
    ...['384x384', '384x384'],
    ...['300x150', '300x150', '300x150'],
  ]);
});

it('has the numbers in tables', () => {
  expect(page).toContain('0.586, on a scale');
  expect(rows).toContainEqual(['', 'Gram value', 'mean', 'variance']);
  expect(rows).toContainEqual(['0.707 everywhere', '0.5', '0.707', '0']);
  expect(rows).toContainEqual(['half 1, half 0', '0.5', '0.5', '0']);
  expect(rows).toContainEqual(['', 'Gram', 'histogram', 'means', 'deviations']);
  expect(rows).toContainEqual(['relu1_1, Gram alone', '0.000123', '0.25', '0.5', '1']);
  expect(rows).toContainEqual(['relu1_1, with histograms', '0.00025', '0.25', '0.5', '1']);
  expect(rows).toContainEqual(['Size', '100x50, from 300x150']);
});

it('draws the activations, of all channels and of the worst', () => {
  expect(page).toContain('channel 7, which is furthest off');
  for (const { unit, x, series } of charts.slice(0, 2)) {
    expect([unit, x]).toEqual(['activation', [0.5123, 1.5]]);
    expect(series.map(({ label, values }) => [label, values])).toEqual([
      ['sample', [1, null]],
      ['Gram alone', [0.5, 0.5]],
      ['with histograms', [0.9, 0.1]],
    ]);
  }
});

it('draws the losses of both runs at the same steps, with a gap where one was done early', () => {
  expect(charts).toHaveLength(3);
  const { x, series, bands } = charts[2]!;
  expect(x).toEqual([1, 2, 3]);
  expect(series.map(({ label, values }) => [label, values])).toEqual([
    ['Gram, alone', [4, null, 2]],
    ['Gram, with histograms', [8, 8, 8]],
    ['histogram', [1, 2, 3]],
  ]);
  expect(bands).toEqual([
    { from: 1, label: 'half the size' },
    { from: 3, label: 'the whole' },
  ]);
});

it('needs no command', async () => {
  expect(await renderGramInstability(result, { ...context, command: undefined })).not.toContain('<pre>');
});
