import { readdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runFiles } from '../../src/jobs/run-files.node.js';
import { evaluate } from '../../src/methods/evaluate/evaluate-method.js';
import { matchColors } from '../../src/methods/match-colors/match-colors-method.js';
import type { Progress } from '../../src/methods/progress.js';
import { writePicture } from '../e2e/pictures.js';
import { makeJobFolder } from './job-folder.js';

const { common, photo, painting, at, outputFolder } = await makeJobFolder();

describe('several files', () => {
  it('are done one by one; of those that fail the errors are kept, and those after an end are not begun', async () => {
    const out = await outputFolder('several');
    await writeFile(at('broken.png'), 'no picture');
    const third = await writePicture(at('third.png'), 30, 20, 2);
    const events: Progress[] = [];
    const inputs = [photo, at('broken.png'), third, painting];
    const controller = new AbortController();
    const result = await runFiles(matchColors, {
      pictures: { picture: inputs, reference: painting },
      output: out('made/'),
      signal: controller.signal,
      onProgress(event) {
        events.push(event);
        if (event.type === 'picture' && event.index === 2) controller.abort();
      },
    });
    expect(result).toMatchObject({
      batch: true,
      results: [{ input: photo, output: out('made/photo.png'), width: 40, height: 32 }],
      failures: [{ input: at('broken.png'), error: { code: 'E_IMAGE_DECODE' } }],
      remaining: [third, painting],
    });
    expect(events.map((event) => event.type)).toEqual(['picture', 'failed', 'picture']);
    expect(await readdir(out('made'))).toEqual(['photo.png']);
  });

  it('make no folder when nothing is written into it', async () => {
    const out = await outputFolder('nothing');
    await writeFile(at('nothing', 'broken.png'), 'no picture');
    const result = await runFiles(matchColors, {
      pictures: { picture: at('nothing'), reference: painting },
      output: out('made'),
    });
    expect(result.failures).toHaveLength(1);
    expect(await readdir(at('nothing'))).toEqual(['broken.png']);
  });

  it.each([
    ['trace', /The option trace is for one picture, and there are 2\./],
    ['report', /The option report is for one picture, and there are 2\./],
    ['resume', /The option resume is for one picture, and there are 2\./],
    ['mask', /The option mask is for one picture, and there are 2\./],
    ['contentMask', /The option contentMask is for one picture, and there are 2\./],
  ])('have no %s', async (option, message) => {
    const isRole = option === 'mask' || option === 'contentMask';
    const refused = runFiles('stylize', {
      ...common,
      pictures: { content: [photo, painting], styles: painting, ...(isRole && { [option]: photo }) },
      output: at('none'),
      ...(!isRole && { [option]: at('file') }),
    });
    await expect(refused).rejects.toMatchObject({
      ...{ code: 'E_ARGUMENT', option, message: expect.stringMatching(message) as string },
    });
  });
});

describe('what a method has not', () => {
  it.each([
    [matchColors, 'saveEvery', 3],
    [matchColors, 'trace', 'trace.json'],
    [matchColors, 'resume', 'state.safetensors'],
    [evaluate, 'report', 'page.html'],
    [evaluate, 'trace', 'trace.json'],
  ] as const)('it is not asked for: %o %s', async (method, option, value) => {
    const pictures = Object.fromEntries(method.roles.map(({ name }) => [name, photo]));
    const refused = runFiles(method, { ...common, pictures, output: at('none.png'), [option]: value });
    await expect(refused).rejects.toMatchObject({
      ...{ code: 'E_ARGUMENT', option },
      message: expect.stringContaining(`there is no option ${option}`) as string,
    });
  });

  it('is told of by the names that there are', async () => {
    await expect(runFiles('paint', { pictures: {} })).rejects.toMatchObject({
      code: 'E_ARGUMENT',
      message: 'There is no method "paint".',
      remedy: expect.stringContaining('stylize, apply') as string,
    });
    await expect(runFiles('texture', { pictures: { sample: photo, style: photo } })).rejects.toMatchObject({
      code: 'E_ARGUMENT',
      message: 'The method texture takes no picture as style.',
    });
    await expect(runFiles('texture', { pictures: {}, output: at('none.png') })).rejects.toMatchObject({
      ...{ code: 'E_ARGUMENT', option: 'sample' },
    });
  });
});
