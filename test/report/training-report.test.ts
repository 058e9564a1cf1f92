import { describe, expect, it } from 'vitest';
import type { PagePicture } from '../../src/report/page-parts.js';
import { renderTrainingReport, type TrainingReport } from '../../src/report/training-report.js';
import { HistoryRecorder, type TrainingHistory } from '../../src/training/training-history.js';

const library = { script: '/* library */', style: '/* its style */' };
const picture: PagePicture = { source: 'data:image/jpeg;base64,AAAA', caption: '<a>', width: 30, height: 20 };

const names = Array.from({ length: 10 }, (_, index) => `term ${index}`);
function history(): TrainingHistory {
  const recorder = new HistoryRecorder();
  recorder.addValidation(0, { losses: { total: 4, other: 1 }, pictures: [] }, 5);
  for (let step = 1; step <= 4; step += 1) {
    const terms = Object.fromEntries(names.map((name, index) => [name, (index + 1) / step]));
    recorder.addStep(step, { total: 8 / step, terms, gradientNorm: step }, 250, 60_000 * step);
    if (step % 2 === 0) {
      recorder.addValidation(step, { losses: { total: step, late: 9 }, pictures: [] }, 60_000 * step);
    }
  }
  return recorder.history();
}
const report: TrainingReport = {
  title: '<script>alert(1)</script>',
  stopped: 'running',
  step: 4,
  steps: 9,
  history: history(),
  latest: [picture, picture],
  strip: [picture],
  facts: [['Widths', '"16" & more']],
  command: "pastiche train perceptual '<a>'",
};
interface DrawnChart {
  unit: string;
  x: number[];
  series: { label: string; colour: string; dashed?: boolean; values: (number | null)[] }[];
}
const chartsOf = (page: string): DrawnChart[] =>
  [...page.matchAll(/data-kind="chart">(.*?)<\/script>/gs)].map(
    ([, json]) => JSON.parse(json!) as DrawnChart,
  );

describe('the page about a training', () => {
  it('says how far the work is, and reloads itself while it goes on', () => {
    const page = renderTrainingReport(report, library);
    expect(page).toContain('<meta http-equiv="refresh" content="10" />');
    expect(page).toContain('<strong>Running</strong>: 4 of 9 steps');
    const texts = {
      finished: 'Finished after 4 steps.',
      cancelled: '<strong>Stopped</strong> after 4 of 9 steps.',
      failed: '<strong>Failed</strong> after 4 of 9 steps. It &lt;died&gt;.',
    };
    for (const [stopped, text] of Object.entries(texts) as [keyof typeof texts, string][]) {
      const last = renderTrainingReport({ ...report, stopped, reason: 'It <died>.' }, library);
      expect(last).not.toContain('refresh');
      expect(last).toContain(text);
    }
  });

  it('shows hostile text as text', () => {
    const page = renderTrainingReport(report, library);
    expect(page).toContain('<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>');
    expect(page).toContain('&quot;16&quot; &amp; more');
    expect(page).not.toContain('alert(1)</script>');
    expect(page.match(/<img /g)).toHaveLength(3);
  });

  it('draws the losses of steps and validations, and the length of the gradient', () => {
    const [losses, gradient, validation] = chartsOf(renderTrainingReport(report, library));
    expect([losses!.unit, losses!.x]).toEqual(['step', [1, 2, 3, 4]]);
    expect(losses!.series.map(({ label }) => label)).toEqual(['total', ...names]);
    expect(losses!.series[0]!.values).toEqual([8, 4, 2.6667, 2]);
    expect(losses!.series[10]!.values).toEqual([10, 5, 3.3333, 2.5]);
    // However many terms there are, no two curves look the same.
    const looks = losses!.series.map(({ colour, dashed }) => `${colour} ${dashed === true}`);
    expect(new Set(looks).size).toBe(11);
    expect(gradient!.series.map(({ values }) => values)).toEqual([[1, 2, 3, 4]]);
    expect(validation!.x).toEqual([0, 2, 4]);
    expect(validation!.series.map(({ label, values }) => [label, values])).toEqual([
      ['total', [4, 2, 4]],
      ['other', [1, null, null]],
      ['late', [null, 9, 9]],
    ]);
  });

  it('names the best validation and the time of a step', () => {
    const text = renderTrainingReport(report, library).replace(/\s*<[^>]*>\s*/g, ' ');
    expect(text).toMatch(/first \(step 0\) +best \(step 2\) +latest \(step 4\) +total +4 +2 +4 /);
    expect(text).toContain('Time per step  250 ms, on average over the last 4 steps');
    expect(text).toContain('Time  4 min so far');
  });

  it('has what there is before the first step', () => {
    const empty = { ...report, history: new HistoryRecorder().history(), latest: [], strip: [] };
    const page = renderTrainingReport(empty, library);
    expect(chartsOf(page)).toEqual([]);
    expect(page).toContain('<h2>The command</h2>');
    expect(page).not.toContain('<h2>On the way</h2>');
  });
});
