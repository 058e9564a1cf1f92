import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImage } from '../../src/images/image.js';
import type { OptimizationPage } from '../../src/jobs/optimization-page.node.js';
import { stylizePage } from '../../src/jobs/stylize-page.node.js';
import { resolveStylizeSettings } from '../../src/methods/stylize/options.js';
import { planScales } from '../../src/methods/stylize/scales.js';
import type { StylizeIteration } from '../../src/methods/stylize/stylizer.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pastiche-page-'))));
afterAll(() => rm(folder, { recursive: true }));

const image = createImage(60, 40, new Float32Array(7200).fill(0.5));
const settings = resolveStylizeSettings({ iterations: 24 });
const plan = planScales(image, settings);

const iteration = (number: number): StylizeIteration => ({
  ...{ type: 'iteration', scale: 0, scales: 1, width: 60, height: 40, iteration: number, iterations: 24 },
  losses: { total: 3, content: 1, style: 2, totalVariation: 0 },
  ...{ elapsed: number, milliseconds: 1 },
  image: () => image,
  state: () => {
    throw new Error('not needed');
  },
});

function startPage(path: string): OptimizationPage {
  const order = { content: 'a/photo.jpg', styles: ['b/painting.jpg'], output: 'out.png' };
  const versions = { pastiche: '1', onnxruntime: '2', node: '3' };
  const environment = { settings, network: 'toy', device: 'cpu', threads: 1, versions };
  const sources = { content: image, contentName: order.content, styles: [image] };
  return stylizePage({ path, order, environment, plan, ...sources });
}

/** Reads the page again and again until it says what is waited for. */
async function pageWith(path: string, text: string): Promise<string> {
  for (;;) {
    const page = await readFile(path, 'utf8').catch(() => '');
    if (page.includes(text)) return page;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the page about a stylisation', () => {
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
});
