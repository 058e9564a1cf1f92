import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { OptimizationDisplay } from '../../src/cli/optimization-display.js';
import { formatDuration, formatNumber, textTable } from '../../src/cli/text.js';
import type { PictureProgress, StylizeFilesProgress } from '../../src/jobs/stylize-order.js';
import { createImage } from '../../src/images/image.js';

const scales = [
  { width: 10, height: 10, styleLongSide: 10, margin: 0, iterations: 2 },
  { width: 20, height: 20, styleLongSide: 20, margin: 0, iterations: 5 },
];
const plan = { scales, width: 20, height: 20 };
const begin: PictureProgress = {
  ...{ type: 'picture', index: 0, count: 1, content: 'photos/a.jpg', output: 'a.png', plan },
  estimate: { plan, memoryBytes: 1, operations: 1 },
};
const losses = { total: 0.75, content: 0.5, style: 0.25, totalVariation: 0 };
const step = (iteration: number, scale: number): StylizeFilesProgress => ({
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

function show(events: readonly StylizeFilesProgress[], { isTTY = false, quiet = false } = {}): string {
  let text = '';
  const stream = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    }),
    { isTTY, columns: 200 },
  );
  const display = new OptimizationDisplay(stream, quiet);
  for (const event of events) display.show(event);
  display.stop();
  return text;
}

describe('progress', () => {
  it('is a line for each scale where there is no terminal, with the time that the rest will take', () => {
    // One more step of 250 ms for 100 pixels, and five for 400 pixels.
    expect(show([begin, step(1, 0), step(2, 0), step(3, 1)])).toBe(
      '10x10  1 of 7  loss 0.75 (content 0.5, style 0.25, tv 0)  4 it/s, 5 s left\n' +
        '20x20  3 of 7  loss 0.75 (content 0.5, style 0.25, tv 0)  3.4 it/s, 4 s left\n',
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
      /█+░+ 2\/7 {2}10x10 {2}4 it\/s, 5 s left {2}loss 0\.75 \(content 0\.5, style 0\.25, tv 0\)/,
    );
    // The cursor is given back as often as it is taken.
    expect(text.split('\u001b[?25h')).toHaveLength(text.split('\u001b[?25l').length);
  });

  it('is nothing but warnings when it is to be quiet', () => {
    const events = [begin, step(1, 0), { type: 'warning', message: 'Careful.' } as const];
    expect(show(events, { quiet: true, isTTY: true })).toBe('Warning: Careful.\n');
  });
});

describe('text', () => {
  it('has numbers and times as people read them', () => {
    expect([0, 0.012345, 12.345, 123456, 1.5e-7, -3, NaN].map(formatNumber)).toEqual([
      '0',
      '0.0123',
      '12.3',
      '1.2e+5',
      '1.5e-7',
      '-3',
      'NaN',
    ]);
    expect([-1, 8.4, 59.6, 125, 4330].map(formatDuration)).toEqual([
      '0 s',
      '8 s',
      '1 min 00 s',
      '2 min 05 s',
      '1 h 12 min',
    ]);
  });

  it('stands in columns', () => {
    expect(
      textTable([
        ['a', 'bcd'],
        ['efgh', '1'],
      ]),
    ).toBe('a     bcd\nefgh    1\n');
  });
});
