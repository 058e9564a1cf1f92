import { describe, expect, it } from 'vitest';
import { MethodDisplay } from '../../src/cli/method-display.js';
import { createImage } from '../../src/images/image.js';
import type { PictureProgress, Progress } from '../../src/methods/progress.js';
import { fakeTerminal } from './fake-terminal.js';

const scales = [
  { width: 10, height: 10, margin: 0, iterations: 2 },
  { width: 20, height: 20, margin: 0, iterations: 5 },
];
const plan = { scales, width: 20, height: 20, memoryBytes: 1, operations: 1 };
const begin: PictureProgress = {
  ...{ type: 'picture', index: 0, count: 1, input: 'photos/a.jpg', output: 'a.png', plan },
};
const losses = { total: 0.75, content: 0.5, style: 0.25, totalVariation: 0 };
const step = (iteration: number, scale: number): Progress => ({
  ...{ type: 'iteration', scale, scales: 2, iteration, iterations: 7, losses, elapsed: 0 },
  // As long as the picture has pixels: 250 ms, then 1 s.
  milliseconds: 250 * (scale === 0 ? 1 : 4),
  width: scales[scale]!.width,
  height: scales[scale]!.height,
  image: () => createImage(1, 1, new Float32Array(3)),
  state: () => {
    throw new Error('not needed');
  },
});

interface Showing {
  readonly isTTY?: boolean;
  readonly quiet?: boolean;
  readonly stepwise?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
}

function show(
  events: readonly Progress[],
  { quiet = false, stepwise = true, ...terminal }: Showing = {},
): string {
  const fake = fakeTerminal(terminal);
  const display = new MethodDisplay(fake, stepwise, quiet);
  for (const event of events) display.show(event);
  display.stop();
  return fake.written.stderr;
}

describe('progress', () => {
  it('is a line for each scale where there is no terminal, with the time that the rest will take', () => {
    // One more step of 250 ms for 100 pixels, and five for 400 pixels.
    expect(show([begin, step(1, 0), step(2, 0), step(3, 1)])).toBe(
      '10x10  1 of 7  loss 0.75 (content 0.5, style 0.25, total variation 0)  4 it/s, 5 s left\n' +
        '20x20  3 of 7  loss 0.75 (content 0.5, style 0.25, total variation 0)  3.4 it/s, 4 s left\n',
    );
  });

  it('names the picture where there are several', () => {
    expect(show([{ ...begin, count: 3, index: 1 }, step(1, 0)])).toMatch(
      /^\[2\/3\] a\.jpg {2}10x10 {2}1 of 7 /,
    );
  });

  it('is a bar on a terminal, with warnings on lines of their own', () => {
    const stage = { type: 'stage', stage: 'compile', scale: 0, scales: 2, width: 10, height: 10 } as const;
    const text = show([begin, stage, step(1, 0), { type: 'warning', message: 'Disk full.' }, step(2, 0)], {
      isTTY: true,
    });
    expect(text).toContain(' 0/7  10x10    getting ready');
    expect(text).toContain('\nWarning: Disk full.\n');
    expect(text).toMatch(
      /█+░+ 2\/7 {2}10x10 {2}4 it\/s, 5 s left {2}loss 0\.75 \(content 0\.5, style 0\.25, total variation 0\)/,
    );
    // The cursor is given back as often as it is taken.
    expect(text.split('\u001b[?25h')).toHaveLength(text.split('\u001b[?25l').length);
  });

  it('is lines, and no escape code, on a terminal that can not draw', () => {
    const environment = { TERM: 'dumb' };
    const text = show([begin, step(1, 0), step(2, 0)], { isTTY: true, environment });
    expect(text).toMatch(/^10x10 {2}1 of 7 {2}loss [^\n]*\n$/);
    // eslint-disable-next-line no-control-regex -- that is what it is about
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  });

  it('names the scale where that is more than a size', () => {
    const labelled = { ...plan, scales: [{ ...scales[0]!, label: 'style relu1_1' }, scales[1]!] };
    expect(show([{ ...begin, plan: labelled }, step(1, 0)])).toMatch(/^style relu1_1 {2}1 of 7 /);
  });

  it('is the part that is done where there are no steps, and one that failed by its name', () => {
    const part = { type: 'part', done: 0.5 } as const;
    expect(show([begin, part], { isTTY: true, stepwise: false })).toMatch(/█+░+ 50 %/);
    expect(show([begin, part], { stepwise: false })).toBe('');
    const failed = { type: 'failed', input: 'photos/b.jpg', error: new Error('It is broken.') } as const;
    expect(show([{ ...begin, count: 2 }, failed])).toBe('photos/b.jpg: It is broken.\n');
  });

  it('is nothing but warnings when it is to be quiet', () => {
    const events = [begin, step(1, 0), { type: 'warning', message: 'Careful.' } as const];
    expect(show(events, { quiet: true, isTTY: true })).toBe('Warning: Careful.\n');
  });
});
