import { describe, expect, it } from 'vitest';
import { planObject, planText, resultObject, resultText, resumeText } from '../../src/cli/method-results.js';
import { StyleError } from '../../src/errors.js';
import { createImage } from '../../src/images/image.js';
import type { FileResult, FilesPlan, FilesRequest, FilesResult } from '../../src/jobs/files-request.js';
import { matchColors } from '../../src/methods/match-colors/match-colors-method.js';
import type { OptimizedPicture } from '../../src/methods/optimization/walk-method.js';
import { stylize } from '../../src/methods/stylize/stylize-method.js';

const image = createImage(4, 3, new Float32Array(36));
const outcome: OptimizedPicture = {
  ...{ image, stopped: 'finished', iterations: 7, evaluations: 9, curve: [] },
  losses: { content: 0.5, style: 0.25, laplacian: 0.125, total: 0.875 },
  state: () => new Uint8Array(),
};
const result: FileResult<OptimizedPicture> = {
  ...{ input: 'a b.jpg', output: 'out/a b.png', width: 4, height: 3, outcome, seconds: 1.23456 },
  ...{ state: undefined, intermediates: [] },
};
const stopped: FileResult<OptimizedPicture> = {
  ...result,
  outcome: { ...outcome, stopped: 'cancelled' },
  state: 'out/a b.state.safetensors',
};
const environment = {
  ...{ method: 'stylize', settings: { seed: 3 }, network: 'toy', device: 'cpu', threads: 2 },
  versions: { pastiche: '1', onnxruntime: '2', node: '3' },
};
const one: FilesResult = {
  ...{ ...environment, batch: false, results: [result], failures: [], remaining: [], seconds: 2.34567 },
};
const request: FilesRequest = {
  ...{ pictures: { content: 'a b.jpg', styles: ['p.jpg'] }, output: 'out/a b.png', trace: 't.json' },
  options: { seed: 3 },
};
const written = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('the object of a result', () => {
  it('has one form for all methods', () => {
    const { peakMemoryMb, ...object } = written(resultObject(stylize, one, request)) as Record<
      string,
      unknown
    >;
    expect(object).toEqual({
      ...{ input: 'a b.jpg', output: 'out/a b.png', size: { width: 4, height: 3 }, stopped: 'finished' },
      losses: { content: 0.5, style: 0.25, laplacian: 0.125, total: 0.875 },
      ...{ iterations: 7, evaluations: 9, seconds: 2.346 },
      ...{ pictures: { content: 'a b.jpg', styles: ['p.jpg'] }, trace: 't.json', ...environment },
    });
    expect(peakMemoryMb).toBeGreaterThan(10);
    const colors: FileResult = { ...result, outcome: { stopped: 'finished' } };
    const { network: _, device: __, threads: ___, ...without } = environment;
    const plain = { ...without, network: undefined, device: undefined, threads: undefined };
    expect(
      Object.keys(
        written(resultObject(matchColors, { ...one, ...plain, results: [colors] }, request)) as object,
      ),
    ).toEqual([
      ...['input', 'output', 'size', 'stopped', 'seconds', 'pictures', 'trace', 'method', 'settings'],
      ...['versions', 'peakMemoryMb'],
    ]);
  });

  it('of several pictures in one has the losses of each', () => {
    const parts = [{ label: 'content relu1_2', losses: { content: 0.5, total: 0.5 } }];
    const sheet = { ...result, outcome: { ...outcome, parts } };
    const object = resultObject(stylize, { ...one, results: [sheet] }, request);
    expect(object).toMatchObject({ parts });
    expect(object).not.toHaveProperty('losses');
    expect(resultText(stylize, { ...one, results: [sheet] })).toBe(
      'out/a b.png: 4x3, 7 iterations in 1 s\n\nloss of content relu1_2  0.5\n',
    );
  });

  it('has the state and what was saved on the way, where there is any', () => {
    const kept = { ...stopped, intermediates: ['out/a b-000005.png'] };
    expect(resultObject(stylize, { ...one, results: [kept] }, request)).toMatchObject({
      ...{ stopped: 'cancelled', state: 'out/a b.state.safetensors', intermediates: ['out/a b-000005.png'] },
    });
  });

  it('of several has one for each, those that failed, and those that were not begun', () => {
    const error = new StyleError('E_IMAGE_DECODE', 'It is broken.', 'Get it again.');
    const several = { ...one, batch: true, failures: [{ input: 'b.jpg', error }], remaining: ['c.jpg'] };
    const object = written(resultObject(stylize, several, request)) as Record<string, unknown>;
    expect(object).toMatchObject({
      ...{ remaining: ['c.jpg'], seconds: 2.346, ...environment },
      results: [
        { input: 'a b.jpg', output: 'out/a b.png', iterations: 7, seconds: 1.235 },
        {
          input: 'b.jpg',
          error: { code: 'E_IMAGE_DECODE', message: 'It is broken.', remedy: 'Get it again.' },
        },
      ],
    });
    expect(object).not.toHaveProperty('output');
    expect(object).not.toHaveProperty('losses');
  });
});

describe('the lines of a result', () => {
  it('say what came out', () => {
    expect(resultText(stylize, one)).toBe(
      'out/a b.png: 4x3, 7 iterations in 1 s, loss 0.875 (content 0.5, style 0.25, detail 0.125)\n',
    );
    const colors: FileResult = { ...result, outcome: { stopped: 'finished' } };
    expect(resultText(matchColors, { ...one, results: [colors] })).toBe('out/a b.png: 4x3 in 1 s\n');
  });

  it('say how to go on with what was stopped', () => {
    const text = (results: FileResult[], remaining: string[], byNpx = false): string =>
      resumeText(stylize, { ...one, results, remaining }, request, byNpx);
    const command =
      "pastiche stylize 'a b.jpg' p.jpg -o 'out/a b.png' --seed 3 --trace t.json --resume 'out/a b.state.safetensors'";
    expect(text([result, stopped], ['c.jpg', "it's.jpg"])).toBe(
      "Stopped after 7 iterations; the best picture so far is in 'out/a b.png'.\n" +
        `To go on: ${command}\nNot begun: c.jpg 'it'\\''s.jpg'\n`,
    );
    expect(text([stopped], [], true)).toContain(`To go on: npx ${command}\n`);
    expect(text([{ ...stopped, state: undefined }], [])).toBe(
      "Stopped after 7 iterations; the best picture so far is in 'out/a b.png'.\n",
    );
    expect(text([result], ['c.jpg'])).toBe('Stopped.\nNot begun: c.jpg\n');
  });
});

describe('a dry run', () => {
  const scales = [
    { width: 2, height: 1, iterations: 3, margin: 0 },
    { width: 4, height: 3, iterations: 5, margin: 0, label: 'style relu1_1' },
  ];
  const planned = {
    ...{ input: 'a.jpg', output: 'a.png', seconds: 61.23456 },
    plan: { width: 4, height: 3, scales, memoryBytes: 2e9, operations: 7 },
  };
  const plan: FilesPlan = {
    ...{ ...environment, batch: false, files: [planned], availableBytes: 3e9, operationsPerSecond: 5.4e9 },
  };

  it('is an object of what it takes', () => {
    const object = {
      input: 'a.jpg',
      output: 'a.png',
      size: { width: 4, height: 3 },
      scales,
      seconds: 61.235,
    };
    const needs = { memoryMb: 2000, fits: true, operations: 7 };
    const run = { availableMemoryMb: 3000, gigaflops: 5, ...environment };
    expect(planObject(plan)).toEqual({ dryRun: true, ...object, ...needs, ...run });
    expect(planObject({ ...plan, batch: true })).toEqual({
      ...{ dryRun: true, files: [{ ...object, ...needs }], ...run },
    });
    const little = { ...plan, availableBytes: 1e9, operationsPerSecond: undefined };
    expect(planObject(little)).toMatchObject({ fits: false });
    expect(planObject(little)).not.toHaveProperty('gigaflops');
  });

  it('is lines for people', () => {
    expect(planText(plan)).toBe(
      'a.jpg -> a.png, 4x3\n' +
        '  scales   2x1 (3 iterations), style relu1_1 (5 iterations)\n' +
        '  memory   about 2.00 GB of the 3.00 GB that are available\n' +
        '  time     about 1 min 01 s\n' +
        'network toy, device cpu with 2 threads, 5 GFLOP/s measured\n',
    );
    const nothing = { ...planned, seconds: undefined, plan: { ...planned.plan, scales: [] } };
    const plain = { ...plan, network: undefined, device: undefined, threads: undefined };
    expect(
      planText({ ...plain, files: [nothing], availableBytes: 1e9, operationsPerSecond: undefined }),
    ).toBe('a.jpg -> a.png, 4x3\n  memory   about 2.00 GB of the 1.00 GB that are available: TOO MUCH\n');
  });
});
