import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine, shellLine, type CommandSubject } from '../../src/cli/command-line.js';
import { methodCommand } from '../../src/cli/method-command.js';
import { enlarge } from '../../src/methods/enlarge/enlarge-method.js';
import { harmonize } from '../../src/methods/harmonize/harmonize-method.js';
import { reconstruct } from '../../src/methods/reconstruct/reconstruct-method.js';
import type { AnyMethod } from '../../src/methods/method.js';
import { stylize } from '../../src/methods/stylize/stylize-method.js';
import { texture } from '../../src/methods/texture/texture-method.js';
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

/** What a command's parser makes of the words of a line that needs no quotes. */
function parsed(method: AnyMethod, line: string): { operands: string[]; flags: Record<string, unknown> } {
  const command = methodCommand(method).exitOverride();
  const { operands, unknown } = command.parseOptions(line.split(' ').slice(2));
  expect(unknown).toEqual([]);
  return { operands, flags: command.opts() };
}

describe('the command line of a request', () => {
  it('names everything that was given, as the command takes it', () => {
    const request: CommandSubject = {
      pictures: {
        content: '-odd name.jpg',
        styles: ["it's.jpg", 'b.jpg'],
        initial: 'start.png',
        mask: 'm.png',
        contentMask: 'c.png',
        styleMasks: ['s.png', '#ff0000'],
      },
      output: 'out.png',
      network: 'vgg19',
      device: 'cpu',
      threads: 2,
      quality: 80,
      saveEvery: 50,
      memoryLimit: 1.5e9,
      resume: 'out.state.safetensors',
      options: {
        tvWeight: 0.5,
        normalize: false,
        styleBlend: [3, 1],
        size: 640,
        contentLayers: ['relu4_2:0.5'],
      },
    };
    expect(commandLine(stylize, request)).toBe(
      "pastiche stylize './-odd name.jpg' 'it'\\''s.jpg' b.jpg -o out.png --mask m.png " +
        "--content-mask c.png --style-mask s.png --style-mask '#ff0000' --size 640 --tv-weight 0.5 " +
        '--content-layers relu4_2:0.5 --normalize off --style-blend 3,1 --init start.png --network vgg19 ' +
        '--device cpu --threads 2 --quality 80 --save-every 50 --resume out.state.safetensors --memory-limit 1500',
    );
    expect(
      commandLine(stylize, {
        pictures: { content: ['a.jpg', 'b.jpg'], styles: ['c.jpg'] },
        output: 'out',
      }),
    ).toBe('pastiche stylize a.jpg b.jpg -o out --style c.jpg');
  });

  it('names the model of a method that enlarges, and what is enlarged afterwards', () => {
    const large = {
      pictures: { picture: 'a.jpg' },
      output: 'b.png',
      network: 'm.onnx',
      options: { factor: 2 },
    };
    const line = commandLine(enlarge, large);
    expect(line).toBe('pastiche enlarge a.jpg -o b.png --factor 2 --model m.onnx');
    expect(parsed(enlarge, line)).toEqual({
      operands: ['a.jpg'],
      flags: { output: 'b.png', factor: 2, model: 'm.onnx' },
    });
    const painted = {
      pictures: { content: 'a.jpg', styles: ['b.jpg'] },
      output: 'c.png',
      enlarge: 4,
    } as const;
    expect(commandLine(stylize, painted)).toBe('pastiche stylize a.jpg b.jpg -o c.png --enlarge 4');
    expect(parsed(stylize, commandLine(stylize, painted)).flags).toEqual({ output: 'c.png', enlarge: '4' });
    expect(methodCommand(enlarge).options.map(({ long }) => long)).not.toContain('--enlarge');
  });

  it('is taken apart by the command into what it was made of', () => {
    const request: CommandSubject = {
      pictures: { content: 'a.jpg', styles: ['b.jpg', 'c.jpg'], mask: 'm.png', styleMasks: ['all', 'black'] },
      output: 'out.tif',
      ...{ network: 'n.safetensors', device: 'cpu', threads: 2, quality: 80, bitDepth: 16, maxPixels: 9000 },
      ...{ saveEvery: 50, trace: 't.json', report: 'r.html', resume: 's.safetensors' },
      options: { iterations: [5, 4], autoTune: true, projection: false, seed: 0, init: 'grey' },
    };
    expect(parsed(stylize, commandLine(stylize, request))).toEqual({
      operands: ['a.jpg', 'b.jpg', 'c.jpg'],
      flags: {
        ...{ mask: 'm.png', styleMask: ['all', 'black'], output: 'out.tif', network: 'n.safetensors' },
        ...{ device: 'cpu', threads: 2, quality: 80, bitDepth: '16', maxPixels: 9000, saveEvery: 50 },
        ...{ trace: 't.json', report: 'r.html', resume: 's.safetensors' },
        ...{ iterations: [5, 4], autoTune: true, projection: false, seed: 0, init: ['grey'] },
      },
    });
    const several = { pictures: { content: ['a.jpg', 'b.jpg'], styles: ['c.jpg', 'd.jpg'] }, output: 'out' };
    expect(parsed(stylize, commandLine(stylize, several))).toEqual({
      operands: ['a.jpg', 'b.jpg'],
      flags: { style: ['c.jpg', 'd.jpg'], output: 'out' },
    });
  });

  it('has the arguments and flags of its method', () => {
    expect(
      commandLine(harmonize, {
        pictures: { painting: 'a.jpg', composite: '-b.png', mask: 'm.png' },
        ...{ output: 'out.png', threads: 2 },
        options: { contentWeight: 0.2, coarseLayers: ['relu3_1', 'relu4_1:2'] },
      }),
    ).toBe(
      'pastiche harmonize a.jpg ./-b.png -o out.png --mask m.png --content-weight 0.2 ' +
        '--coarse-layers relu3_1,relu4_1:2 --threads 2',
    );
    expect(
      commandLine(texture, {
        pictures: { sample: '-a b.png' },
        output: 'c.png',
        options: { tileable: true, projection: false, seed: 3 },
      }),
    ).toBe("pastiche texture './-a b.png' -o c.png --tileable on --projection off --seed 3");
    expect(
      commandLine(reconstruct, {
        pictures: { picture: 'a.png' },
        options: { layer: 'relu2_1', from: 'style', size: 32, iterations: 2 },
      }),
    ).toBe('pastiche reconstruct a.png --layer relu2_1 --from style --size 32 --iterations 2');
  });
});
