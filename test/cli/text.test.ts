import { describe, expect, it } from 'vitest';
import { formatDuration, textTable } from '../../src/cli/text.js';
import { shortNumber } from '../../src/methods/facts.js';

describe('text', () => {
  it('has numbers and times as people read them', () => {
    expect([0, 0.012345, 12.345, 123456, 1.5e-7, -3, NaN].map(shortNumber)).toEqual([
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
