import { describe, expect, it } from 'vitest';
import { readChartLibrary } from '../../src/report/chart-library.node.js';
import { embedPicture } from '../../src/report/embedded-picture.node.js';
import { curveChart, type PagePicture } from '../../src/report/page-parts.js';
import { renderOptimizationReport, type OptimizationReport } from '../../src/report/optimization-report.js';
import { createImage } from '../../src/images/image.js';

const library = { script: '/* library */', style: '/* its style */' };
const picture: PagePicture = { source: 'data:image/jpeg;base64,AAAA', caption: '<a>', width: 30, height: 20 };
const point = (iteration: number, scale: number) => ({
  iteration,
  scale,
  elapsed: 5,
  total: 3 / iteration,
  content: 1 / iteration,
  style: 2 / iteration,
  totalVariation: 0,
});
const report: OptimizationReport = {
  title: '<script>alert(1)</script>',
  stopped: 'running',
  iteration: 3,
  iterations: 9,
  before: picture,
  sources: { heading: 'Photograph and painting', pictures: [picture, picture, picture] },
  result: picture,
  terms: ['content', 'style', 'totalVariation'],
  curve: [point(1, 0), point(2, 0), point(3, 1)],
  scales: [
    { width: 64, height: 48, iterations: 2, margin: 0 },
    { width: 128, height: 96, iterations: 7, margin: 16 },
  ],
  strip: [picture],
  facts: [['Preset', '"default" & more']],
  command: "pastiche stylize '<a>'",
};
const chartOf = (page: string) =>
  JSON.parse(/data-kind="chart">(.*?)<\/script>/s.exec(page)![1]!) as {
    x: number[];
    series: { label: string; values: (number | null)[] }[];
    bands: { from: number; label: string }[];
  };

describe('the page about an optimised picture', () => {
  it('reloads itself while the work goes on, and only then', () => {
    const running = renderOptimizationReport(report, library);
    expect(running).toContain('<meta http-equiv="refresh" content="5" />');
    expect(running).toContain('3 of 9 iterations');
    for (const stopped of ['finished', 'cancelled', 'diverged'] as const) {
      expect(renderOptimizationReport({ ...report, stopped }, library)).not.toContain('refresh');
    }
  });

  it('shows hostile text as text, and forbids requests', () => {
    const page = renderOptimizationReport(report, library);
    expect(page).toContain('<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>');
    expect(page).toContain('&quot;default&quot; &amp; more');
    expect(page).not.toContain('alert(1)</script>');
    expect(page).toContain(`content="default-src &#39;none&#39;; img-src data:;`);
    expect(page.match(/<img /g)).toHaveLength(2 + 3 + 1);
  });

  it('draws the curves that it is given, with gaps where a logarithm has no value', () => {
    const { x, series, bands } = chartOf(renderOptimizationReport(report, library));
    expect(x).toEqual([1, 2, 3]);
    expect(series.map(({ label, values }) => [label, values])).toEqual([
      ['total', [3, 1.5, 1]],
      ['content', [1, 0.5, 0.33333]],
      ['style', [2, 1, 0.66667]],
      ['total variation', [null, null, null]],
    ]);
    expect(bands).toEqual([
      { from: 1, label: '64x48' },
      { from: 3, label: '128x96' },
    ]);
  });

  it('shows the result alone where there is nothing to lay it over, and only the terms that it has', () => {
    const page = renderOptimizationReport({ ...report, before: undefined, terms: ['style'] }, library);
    expect(page).not.toContain('class="comparison"');
    expect(page.match(/<img /g)).toHaveLength(1 + 3 + 1);
    expect(chartOf(page).series.map(({ label }) => label)).toEqual(['total', 'style']);
  });

  it('leaves gaps where a term does not count, and names scales that are pictures of their own', () => {
    const [first, second] = report.scales as [(typeof report.scales)[0], (typeof report.scales)[0]];
    const curve = [
      { iteration: 1, scale: 0, elapsed: 5, total: 3, content: 3 },
      { iteration: 2, scale: 1, elapsed: 6, total: 2, style: 2 },
    ];
    const labelled = [
      { ...first, label: 'content relu1_2' },
      { ...second, label: 'style relu1_1' },
    ];
    const page = renderOptimizationReport(
      { ...report, curve, scales: labelled, terms: ['content', 'style'] },
      library,
    );
    const { series, bands } = chartOf(page);
    expect(series.map(({ values }) => values)).toEqual([
      [3, 2],
      [3, null],
      [null, 2],
    ]);
    expect(bands.map(({ label }) => label)).toEqual(['content relu1_2', 'style relu1_1']);
  });

  it('has what there is before the first step', () => {
    const page = renderOptimizationReport({ ...report, result: undefined, curve: [], strip: [] }, library);
    expect(page).not.toContain('class="comparison"');
    expect(page).not.toContain('<div class="chart">');
  });
});

it('what is 0 but for rounding is not drawn', () => {
  const values = [1e-7, 0.02, NaN, 5];
  const series = [{ label: 'content', colour: 'content', width: 1, values } as const];
  const { text } = curveChart({ x: [1, 2, 3, 4], series, bands: [] });
  expect(chartOf(text).series[0]!.values).toEqual([null, 0.02, null, 5]);
});

it('a long curve is thinned, with its ends kept', () => {
  const x = Array.from({ length: 10_000 }, (_, index) => index + 1);
  const { text } = curveChart({
    x,
    series: [{ label: 'total', colour: 'ink', width: 1, values: x }],
    bands: [],
  });
  const chart = chartOf(text);
  expect(chart.x.length).toBeLessThanOrEqual(3000);
  expect([chart.x[0], chart.x.at(-1)]).toEqual([1, 10_000]);
  expect(chart.series[0]!.values).toEqual(chart.x);
});

it('the charting library is found, and does not end its element', async () => {
  const { script, style } = await readChartLibrary();
  expect(script).toContain('uPlot');
  expect(`${script}${style}`).not.toMatch(/<\/(script|style)/i);
});

it('a picture is embedded at most as large as asked for, with its transparency', async () => {
  const opaque = await embedPicture(createImage(40, 20, new Float32Array(2400).fill(0.5)), 'x', 30);
  expect(opaque).toMatchObject({ width: 30, height: 15, caption: 'x' });
  expect(opaque.source).toMatch(/^data:image\/jpeg;base64,\/9j\//);
  const clear = createImage(4, 2, new Float32Array(24), new Float32Array(8).fill(0.5));
  expect((await embedPicture(clear, 'y', 30)).source).toMatch(/^data:image\/webp;base64,UklGR/);
});
