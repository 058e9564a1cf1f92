import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flagOf, shellLine, stylizeCommand } from '../../src/jobs/shell-command.js';
import { withoutShell } from '../platform.js';

describe('a shell line', () => {
  it.skipIf(withoutShell)('is taken apart by a shell into what it was made of', () => {
    const word = fc.string({ unit: 'binary-ascii', minLength: 1 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (args) => {
        const script = `for word in ${shellLine(args)}; do printf '%s\\0' "$word"; done`;
        expect(execFileSync('sh', ['-c', script]).toString().split('\0').slice(0, -1)).toEqual(args);
      }),
      { numRuns: 25 },
    );
  });
});

describe('the command of an order', () => {
  it('names everything that was given, as the command line takes it', () => {
    const order = {
      content: '-odd name.jpg',
      styles: ["it's.jpg", 'b.jpg'],
      output: 'out.png',
      initial: 'start.png',
      network: 'vgg19',
      device: 'cpu' as const,
      threads: 2,
      quality: 80,
      saveEvery: 50,
      resume: 'out.state.safetensors',
      mask: 'm.png',
      contentMask: 'c.png',
      styleMasks: ['s.png', '#ff0000'],
      options: {
        tvWeight: 0.5,
        normalize: false,
        styleBlend: [3, 1],
        size: 640,
        contentLayers: ['relu4_2:0.5'],
      },
    };
    expect(stylizeCommand(order)).toBe(
      "pastiche stylize './-odd name.jpg' 'it'\\''s.jpg' b.jpg -o out.png --size 640 --tv-weight 0.5 " +
        '--content-layers relu4_2:0.5 --normalize off --style-blend 3,1 --init start.png --network vgg19 --device cpu ' +
        '--threads 2 --quality 80 --save-every 50 --resume out.state.safetensors --mask m.png ' +
        "--content-mask c.png --style-mask s.png --style-mask '#ff0000'",
    );
    expect(stylizeCommand({ content: ['a.jpg', 'b.jpg'], styles: ['c.jpg'], output: 'out' })).toBe(
      'pastiche stylize a.jpg b.jpg --style c.jpg -o out',
    );
    expect(flagOf('contentLayers')).toBe('--content-layers');
  });
});
