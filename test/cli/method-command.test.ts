import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { initialNames, presetTable, stylizeFlags } from '../../src/cli/stylize-flags.js';
import { flagOf } from '../../src/jobs/shell-command.js';
import { resolveStylizeSettings, stylizeOptionsSchema } from '../../src/methods/stylize/options.js';
import { stylizePresets } from '../../src/methods/stylize/presets.js';

const flags = stylizeFlags();
const byName = new Map(flags.map((flag) => [flag.long!, flag]));
const command = () => flags.reduce((one, flag) => one.addOption(flag), new Command().exitOverride());

describe('the flags of stylize', () => {
  it('are the options of the schema, each with its description', () => {
    const names = Object.keys(stylizeOptionsSchema.shape);
    expect([...byName.keys()].sort()).toEqual(names.map(flagOf).sort());
    for (const flag of flags) expect(flag.description.length).toBeGreaterThan(15);
  });

  it('arrive at the method under the schema’s names', () => {
    const given = {
      size: 300,
      tvWeight: 0.25,
      scales: [64, 300],
      iterations: [5, 4],
      normalize: false,
      seed: 9,
    };
    const args = Object.entries(given).flatMap(([name, value]) => [
      flagOf(name),
      typeof value === 'boolean' ? 'off' : String(value),
    ]);
    expect(command().parse(args, { from: 'user' }).opts()).toEqual(given);
  });

  it('state the defaults that the method uses', () => {
    const settings = resolveStylizeSettings({});
    const standard = (flag: string): string | undefined =>
      / \(default: (.*)\)$/.exec(byName.get(flag)!.description)?.[1];
    expect(standard('--content-weight')).toBe(String(settings.contentWeight));
    expect(standard('--style-weight')).toBe(String(settings.styleWeight));
    expect(standard('--tv-weight')).toBe(String(settings.totalVariationWeight));
    expect(standard('--scales')).toBe(settings.scales.join(','));
    expect(standard('--iterations')).toBe(settings.iterations.join(','));
    expect(standard('--optimizer')).toBe(settings.optimizer.name);
    expect(standard('--pooling')).toBe(settings.pooling);
    expect(standard('--gram')).toBe(settings.gram);
    expect(standard('--normalize')).toBe('on');
    expect(standard('--projection')).toBe('on');
    expect(standard('--style-layers')).toBe(Object.keys(settings.styleLayers).join(','));
    expect(standard('--init')).toBe(settings.init);
    expect(standard('--seed')).toBe('0');
    expect(standard('--size')).toBeUndefined();
  });

  it('list the presets with their sources, and the ways to start', () => {
    for (const [name, { source }] of Object.entries(stylizePresets)) {
      expect(presetTable()).toMatch(new RegExp(`^  ${name} .*$`, 'm'));
      expect(presetTable()).toContain(source);
    }
    expect(initialNames).toEqual(['content', 'noise', 'style', 'grey']);
  });
});
