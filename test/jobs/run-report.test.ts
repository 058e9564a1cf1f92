import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/api/platform.node.js';
import { PreparedMethod } from '../../src/api/prepared-method.js';
import { Session } from '../../src/api/session.js';
import { createImage } from '../../src/images/image.js';
import { RunReport } from '../../src/jobs/run-report.node.js';
import type { OptimizedPicture } from '../../src/methods/optimization/walk-method.js';
import type { MethodDescription } from '../../src/methods/method.js';
import type { IterationProgress } from '../../src/methods/progress.js';
import { resolveStylizeSettings } from '../../src/methods/stylize/options.js';
import { planScales } from '../../src/methods/stylize/scales.js';
import { stylize } from '../../src/methods/stylize/stylize-method.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pastiche-page-'))));
afterAll(() => rm(folder, { recursive: true }));

const image = createImage(60, 40, new Float32Array(7200).fill(0.5));
const settings = { method: 'gram', ...resolveStylizeSettings({ iterations: 24 }) };
const plan = { ...planScales(image, settings), memoryBytes: 1, operations: 1 };
const losses = { total: 3, content: 1, style: 2, totalVariation: 0 };

const iteration = (number: number): IterationProgress => ({
  ...{ type: 'iteration', scale: 0, scales: 1, width: 60, height: 40, iteration: number, iterations: 24 },
  ...{ losses, elapsed: number, milliseconds: 1 },
  image: () => image,
  state: () => {
    throw new Error('not needed');
  },
});

function startPage(report: string): RunReport {
  const pictures = { content: 'a/photo.jpg', styles: ['b/painting.jpg'] };
  const versions = { pastiche: '1', onnxruntime: '2', node: '3' };
  const run = {
    method: stylize,
    request: { pictures, output: 'out.png', report, command: 'pastiche stylize and so on' },
    prepared: new PreparedMethod(new Session(nodePlatform), stylize, settings, undefined),
    shared: { styles: [image] },
    environment: { method: 'stylize', settings, network: 'toy', device: 'cpu', threads: 1, versions },
  };
  const names = { content: ['photo.jpg'], styles: ['painting.jpg'] };
  const description: MethodDescription = stylize.describe(settings, names, plan);
  const all = { content: image, styles: [image] };
  return new RunReport(report, { run, input: 'a/photo.jpg', pictures: all, plan, description });
}

/** Reads the page again and again until it says what is waited for. */
async function pageWith(path: string, text: string): Promise<string> {
  for (;;) {
    const page = await readFile(path, 'utf8').catch(() => '');
    if (page.includes(text)) return page;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the page about a run', () => {
  it('is there from the beginning, and grows with the work', async () => {
    const path = join(folder, 'page.html');
    const page = startPage(path);
    const first = await pageWith(path, '0 of 24 iterations');
    expect(first).toContain('<meta http-equiv="refresh"');
    expect(first).toContain('<h1>photo.jpg after painting.jpg</h1>');
    for (let number = 1; number <= 7; number++) page.take(iteration(number));
    const later = await pageWith(path, '6 of 24 iterations');
    // One picture at every twelfth of the work.
    expect(
      [...later.matchAll(/<figcaption>(\d+): 60x40<\/figcaption>/g)].map(([, number]) => number),
    ).toEqual([...['2', '4', '6']]);
    expect(later).toContain('alt="after 6 iterations"');
    await page.discard();
    expect(await readdir(folder)).toEqual([]);
  });

  it('ends with the result, the pictures that it was made from, and the facts of the run', async () => {
    const path = join(folder, 'whole.html');
    const page = startPage(path);
    page.take(iteration(1));
    const curve = [1, 2, 3].map((number) => ({ ...losses, iteration: number, scale: 0, elapsed: number }));
    const outcome: OptimizedPicture = {
      ...{ image, stopped: 'diverged', losses, iterations: 3, evaluations: 5, curve },
      state: () => new Uint8Array(),
    };
    await page.finish(outcome, 'out.png', 12.3456);
    const text = await readFile(path, 'utf8');
    expect(text).not.toContain('http-equiv="refresh"');
    for (const fact of [
      ...[
        'alt="out.png"',
        '<figcaption>photo.jpg<',
        '<figcaption>painting.jpg (style)<',
        'pastiche stylize and so on',
      ],
      ...['3 (content 1, style 2, total variation 0)', '3 iterations, 5 evaluations of the loss', '12.35 s'],
      ...[
        'toy',
        'cpu, 1 thread<',
        'Pastiche 1, ONNX Runtime 2, Node.js 3',
        'weight 0.365: relu4_1 (0.5), relu4_2 (0.5)',
      ],
    ]) {
      expect(text.includes(fact), fact).toBe(true);
    }
    const [chart] = [...text.matchAll(/data-kind="chart">(.*?)<\/script>/gs)];
    expect((JSON.parse(chart![1]!) as { x: number[] }).x).toEqual([1, 2, 3]);
  });
});
