import { describe, expect, it } from 'vitest';
import { TrainingDisplay } from '../../src/cli/training-display.js';
import { HistoryRecorder } from '../../src/training/training-history.js';
import type { TrainingProgress } from '../../src/training/training-progress.js';
import { gradientPicture } from '../training/fitting-task.js';
import { fakeTerminal } from './fake-terminal.js';

const history = () => new HistoryRecorder().history();
const step = (number: number, names: readonly string[] = ['a', 'b']): TrainingProgress => ({
  ...{ type: 'step', step: number, steps: 5, history },
  ...{ total: number, terms: Object.fromEntries(names.map((name) => [name, number / 2])) },
  // 250 ms for a step, and as much again for what is beside it.
  ...{ gradientNorm: 0.5, milliseconds: 250, elapsed: 1000 + 500 * number },
});
const validation = (at: number, total: number): TrainingProgress => ({
  ...{ type: 'validation', step: at, history },
  report: { losses: { total, gram: 0.25 }, pictures: [{ caption: 'wave', image: gradientPicture(2, 2) }] },
});
const warning: TrainingProgress = { type: 'warning', message: 'Disk full.' };
const checkpoint: TrainingProgress = { type: 'checkpoint', step: 4 };
const events = [
  validation(0, 3),
  step(1),
  step(2),
  step(3),
  warning,
  validation(3, 4),
  step(4),
  checkpoint,
  step(5),
];

function show(
  shown: readonly TrainingProgress[],
  { isTTY = false, quiet = false, json = false, environment = {} as NodeJS.ProcessEnv } = {},
): { text: string; lines: unknown[] } {
  const terminal = fakeTerminal({ isTTY, environment });
  const display = new TrainingDisplay(terminal, { quiet, json: json ? terminal.stdout : undefined });
  for (const event of shown) display.show(event);
  display.stop();
  const lines = terminal.written.stdout.split('\n').filter((line) => line !== '');
  return { text: terminal.written.stderr, lines: lines.map((line) => JSON.parse(line) as unknown) };
}

describe('the progress of a training', () => {
  it('is a line at the first and the last step where there is no terminal, with means in between', () => {
    expect(show(events).text).toBe(
      'validation at step 0: total 3 (gram 0.25), the best of this run\n' +
        '1 of 5  loss 1 (a 0.5, b 0.5), gradient 0.5  4 steps/s, 1 s left\n' +
        'Warning: Disk full.\n' +
        'validation at step 3: total 4 (gram 0.25)\n' +
        // The mean of 2, 3, 4 and 5.
        '5 of 5  loss 3.5 (a 1.75, b 1.75), gradient 0.5  4 steps/s, 0 s left\n',
    );
  });

  it('leaves many terms to the page', () => {
    const { text } = show([step(1, ['a', 'b', 'c', 'd', 'e', 'f'])]);
    expect(text).toBe('1 of 5  loss 1, gradient 0.5  4 steps/s, 1 s left\n');
  });

  it('is a bar on a terminal, with validations and warnings on lines of their own', () => {
    const { text } = show(events, { isTTY: true });
    expect(text).toContain(' 1/5  4 steps/s, 1 s left  loss 1 (a 0.5, b 0.5), gradient 0.5');
    expect(text).toContain('\nWarning: Disk full.\n');
    expect(text).toMatch(/█+ 5\/5 {2}4 steps\/s, 0 s left {2}loss 5 /);
    expect(text.match(/validation at step/g)).toHaveLength(2);
    // The cursor is given back as often as it is taken.
    expect(text.split('\u001b[?25h')).toHaveLength(text.split('\u001b[?25l').length);
  });

  it('is lines on a terminal that can not draw', () => {
    const { text } = show(events, { isTTY: true, environment: { TERM: 'dumb' } });
    expect(text).toBe(show(events).text);
  });

  it('is nothing but warnings when it is to be quiet', () => {
    expect(show(events, { quiet: true, isTTY: true }).text).toBe('Warning: Disk full.\n');
  });

  it('is one JSON object a line when that is asked for', () => {
    const { text, lines } = show(events, { json: true });
    expect(text).toBe('Warning: Disk full.\n');
    const means = { gradientNorm: 0.5, milliseconds: 250 };
    expect(lines).toEqual([
      { type: 'validation', step: 0, losses: { total: 3, gram: 0.25 }, pictures: ['wave'] },
      { type: 'step', step: 1, steps: 5, total: 1, terms: { a: 0.5, b: 0.5 }, ...means, elapsed: 1500 },
      warning,
      { type: 'validation', step: 3, losses: { total: 4, gram: 0.25 }, pictures: ['wave'] },
      checkpoint,
      { type: 'step', step: 5, steps: 5, total: 3.5, terms: { a: 1.75, b: 1.75 }, ...means, elapsed: 3500 },
    ]);
  });
});
