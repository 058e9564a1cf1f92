import { execFileSync } from 'node:child_process';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { trainCommand, trainingCommandLine } from '../../../src/cli/commands/train.js';
import { flagOf } from '../../../src/cli/flag-names.js';
import {
  perceptualOptionsSchema,
  resolvePerceptualSettings,
} from '../../../src/training/distillation/perceptual-settings.js';
import { perceptualTraining } from '../../../src/training/distillation/perceptual-training.js';
import { withoutShell } from '../../platform.js';

const commandOf = (): Command => trainCommand().commands.find((command) => command.name() === 'perceptual')!;
const perceptual = commandOf();
const byName = new Map(perceptual.options.map((option) => [option.long!, option]));

describe('the flags of train perceptual', () => {
  it('have one for each setting, with the default that is used', () => {
    const settings = resolvePerceptualSettings({}) as Record<string, unknown>;
    for (const name of Object.keys(perceptualOptionsSchema.shape)) {
      const option = byName.get(flagOf(name));
      expect(option, name).toBeDefined();
      if (name === 'widths') continue;
      expect(option!.description).toMatch(new RegExp(` \\(default: ${String(settings[name])}\\)$`));
    }
  });

  it('each say what they are for', () => {
    for (const { long, description } of perceptual.options) {
      expect(description.length, long!).toBeGreaterThan(10);
    }
    expect(byName.get('--teacher')!.mandatory).toBe(true);
    expect(byName.get('--images')).toMatchObject({ mandatory: true, variadic: true });
    expect(byName.get('--output')).toMatchObject({ mandatory: true, short: '-o' });
  });

  it('stand in groups, with examples below them', () => {
    const help = perceptual.configureHelp({ helpWidth: 120 }).helpInformation();
    for (const group of ['Files:', 'Training:', 'Machine and output:'])
      expect(help).toContain(`\n${group}\n`);
    expect(help).toContain('--teacher WEIGHTS --images DIR... -o FILE');
  });
});

const order = {
  inputs: { teacher: 'vgg19' },
  images: ["it's/here", 'photos and more'],
  output: 'small.safetensors',
  options: { widths: [16, 24, 32, 48, 64], padding: 'reflect', seed: 0, momentum: 0 },
  ...{ heldOut: 'held.txt', exclude: 'not these.txt', checkpoints: 'steps', keep: 2, resume: true },
  ...{ checkpointEvery: 10, validateEvery: 5, report: 'page.html', log: 'log.json', threads: 2 },
};

describe('the command of a training', () => {
  it.skipIf(withoutShell)('gives a shell the arguments that the order came from', () => {
    const line = trainingCommandLine(perceptualTraining, order);
    const script = `pastiche() { for arg in "$@"; do printf '%s\\n' "$arg"; done; }; ${line}`;
    const words = execFileSync('sh', ['-c', script]).toString().trimEnd().split('\n');
    expect(words.slice(0, 7)).toEqual([
      'train',
      'perceptual',
      '--teacher',
      'vgg19',
      '--images',
      "it's/here",
      'photos and more',
    ]);
    const command = commandOf();
    expect(command.exitOverride().parseOptions(words.slice(2))).toEqual({ operands: [], unknown: [] });
    expect(command.opts()).toEqual({
      ...{ teacher: 'vgg19', images: order.images, output: order.output },
      ...order.options,
      ...{ heldOut: 'held.txt', exclude: 'not these.txt', checkpoints: 'steps', keep: 2, resume: true },
      ...{ checkpointEvery: 10, validateEvery: 5, report: 'page.html', log: 'log.json', threads: 2 },
    });
  });

  it('leaves out what was not given', () => {
    const { inputs, output } = order;
    expect(trainingCommandLine(perceptualTraining, { inputs, images: ['a'], output, resume: false })).toBe(
      'pastiche train perceptual --teacher vgg19 --images a -o small.safetensors',
    );
  });
});
