import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrainingPage, type TrainingPageSubject } from '../../src/jobs/training-page.node.js';
import { trainingLoop } from '../../src/training/training-loop.js';
import { FittingTask } from '../training/fitting-task.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pastiche-page-'))));
afterAll(() => rm(folder, { recursive: true }));

const subject = (name: string): TrainingPageSubject => ({
  ...{ path: join(folder, name), title: 'fit.safetensors', steps: 40, command: 'pastiche train fit' },
  facts: [['Learning rate', '0.05']],
  interval: 0,
});
const options = { steps: 40, validateEvery: 20, checkpointEvery: 40 };

/** Reads the page again and again until it says what is waited for. */
async function pageWith(path: string, text: string): Promise<string> {
  for (;;) {
    const page = await readFile(path, 'utf8').catch(() => '');
    if (page.includes(text)) return page;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
const strip = (page: string): string[] =>
  [...page.matchAll(/<figcaption>(step \d+: .*?)<\/figcaption>/g)].map(([, caption]) => caption!);

describe('the page about a training', () => {
  it('is there from the beginning, and whole at any time until the end', async () => {
    const own = subject('page.html');
    const page = new TrainingPage(own);
    const first = await pageWith(own.path, '0 of 40 steps');
    expect(first).toContain('<meta http-equiv="refresh"');
    expect(first).toContain('<h1>fit.safetensors</h1>');

    let done = false;
    const seen = new Set<string>();
    const watching = (async () => {
      while (!done) {
        const text = await readFile(own.path, 'utf8');
        expect(text.trimEnd()).toMatch(/<\/html>$/);
        seen.add(/(\d+) of 40 steps/.exec(text)![1]!);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    await trainingLoop(new FittingTask(), { ...options, onProgress: (event) => page.take(event) });
    await page.finish('cancelled');
    done = true;
    await watching;
    expect(seen.size).toBeGreaterThan(2);
    const last = await readFile(own.path, 'utf8');
    expect(last).toContain('<strong>Stopped</strong> after 40 of 40 steps');
    // The latest large, the older ones small.
    expect(last).toContain('alt="fit"');
    expect(strip(last)).toEqual(['step 0: fit', 'step 20: fit']);
    expect((await readdir(folder)).sort()).toEqual(['page.html']);
  });

  it('of a resumed training shows all of it', async () => {
    const { history } = await trainingLoop(new FittingTask(), options);
    const own = { ...subject('resumed.html'), steps: 60, startAt: 40, history };
    const page = new TrainingPage(own);
    expect(strip(await pageWith(own.path, '40 of 60 steps'))).toHaveLength(3);
    await page.finish('failed', 'The disk is full.');
    const last = await readFile(own.path, 'utf8');
    expect(last).toContain('<strong>Failed</strong> after 40 of 60 steps. The disk is full.');
    const [chart] = [...last.matchAll(/data-kind="chart">(.*?)<\/script>/gs)];
    expect((JSON.parse(chart![1]!) as { x: number[] }).x).toHaveLength(40);
  });

  it('that can not be written is a warning on the way, and an error at the end', async () => {
    const warnings: string[] = [];
    const path = join(folder, 'none', 'page.html');
    const page = new TrainingPage({ ...subject(''), path, onWarning: (message) => warnings.push(message) });
    await expect(page.finish('finished')).rejects.toMatchObject({ code: 'E_OUTPUT' });
    expect(warnings).toEqual([
      expect.stringMatching(/could not be written\. ".*" can't be written: its folder does not/),
    ]);
  });
});
