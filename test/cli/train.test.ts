import { describe, expect, it } from 'vitest';
import { trainCommand } from '../../src/cli/commands/train.js';
import { flagOf } from '../../src/jobs/shell-command.js';
import {
  perceptualOptionsSchema,
  resolvePerceptualSettings,
} from '../../src/training/distillation/perceptual-settings.js';

const perceptual = trainCommand().commands.find((command) => command.name() === 'perceptual')!;
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
