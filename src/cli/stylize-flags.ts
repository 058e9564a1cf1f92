import { Option } from 'commander';
import { flagOf } from '../jobs/shell-command.js';
import { stylizeOptionsSchema, type StylizeOptions } from '../methods/stylize/options.js';
import type { LayerWeights } from '../methods/layer-weights.js';
import { stylizePresets, type StylizePreset } from '../methods/stylize/presets.js';
import { optionFlag } from './option-flags.js';
import { describeValue, valueSchemas, type ValueSchema } from './option-values.js';

type OptionName = keyof StylizeOptions;

/** Headings of the help, and what stands under them in this order. Every option of the schema has its place. */
const groups = {
  preset: 'How it looks:',
  styleWeight: 'How it looks:',
  contentWeight: 'How it looks:',
  tvWeight: 'How it looks:',
  styleScale: 'How it looks:',
  styleSize: 'How it looks:',
  styleBlend: 'How it looks:',
  init: 'How it looks:',
  seed: 'How it looks:',
  preserveColors: 'What is kept:',
  feather: 'What is kept:',
  lockDetail: 'What is kept:',
  size: 'Size and work:',
  scales: 'Size and work:',
  iterations: 'Size and work:',
  optimizer: 'Size and work:',
  learningRate: 'Size and work:',
  average: 'Size and work:',
  margin: 'Size and work:',
  contentLayers: 'The loss in detail:',
  styleLayers: 'The loss in detail:',
  histogramWeight: 'The loss in detail:',
  histogramLayers: 'The loss in detail:',
  autoTune: 'The loss in detail:',
  gram: 'The loss in detail:',
  normalize: 'The loss in detail:',
  pooling: 'The loss in detail:',
  projection: 'The loss in detail:',
} as const satisfies Record<OptionName, string>;

const onOff = (value: boolean): string => (value ? 'on' : 'off');

const layerList = (layers: LayerWeights): string => {
  const shares = new Set(Object.values(layers));
  return Object.entries(layers)
    .map(([layer, weight]) => (shares.size === 1 ? layer : `${layer}:${weight}`))
    .join(',');
};

/** What a preset means by an option that isn't given. Options without an entry have the same default in every preset, or none. */
const presetValues: Partial<Record<OptionName, (preset: StylizePreset) => string | undefined>> = {
  scales: ({ scales }) => scales.join(','),
  iterations: ({ iterations }) => iterations.join(','),
  optimizer: ({ optimizer }) => optimizer.name,
  learningRate: ({ optimizer }) => ('learningRate' in optimizer ? String(optimizer.learningRate) : undefined),
  contentWeight: ({ contentWeight }) => String(contentWeight),
  styleWeight: ({ styleWeight }) => String(styleWeight),
  tvWeight: ({ totalVariationWeight }) => String(totalVariationWeight),
  contentLayers: ({ contentLayers }) => layerList(contentLayers),
  styleLayers: ({ styleLayers }) => layerList(styleLayers),
  gram: ({ gram }) => gram,
  normalize: ({ styleReduction }) => onOff(styleReduction === 'relative'),
  pooling: ({ pooling }) => pooling,
  margin: ({ margin }) => String(margin),
  init: ({ init }) => init,
};

const schemas = valueSchemas(stylizeOptionsSchema);

/** The ways to start that have a name; any other text is a file. */
export const initialNames = (schemas['init']!.enum ?? []).filter((name) => name !== 'picture');

/** The flags for the options of the method, made from their schema and the presets. */
export function stylizeFlags(): Option[] {
  return (Object.keys(groups) as OptionName[]).map((name) => {
    const schema = schemas[name]!;
    const text = helpText(name, schema);
    // A picture to start from is a file: the command sorts it out.
    const option =
      name === 'init'
        ? new Option(`${flagOf(name)} <name|file>`, text)
        : optionFlag(name, schema, stylizeOptionsSchema.shape[name], text);
    return option.helpGroup(groups[name]);
  });
}

function helpText(name: OptionName, schema: ValueSchema): string {
  const values = name === 'init' ? `${initialNames.join(', ')}, or a picture file` : enumeration(schema);
  const choices = values === undefined ? '' : `: ${values}`;
  const standard =
    presetValues[name]?.(stylizePresets.default) ??
    (typeof schema.default === 'boolean' ? onOff(schema.default) : schema.default);
  const ending = standard === undefined ? '' : ` (default: ${String(standard)})`;
  return `${schema.description ?? describeValue(schema)}${choices}${ending}`;
}

const enumeration = (schema: ValueSchema): string | undefined => schema.enum?.join(', ');

/** The presets, each with its source, for the end of the help. */
export function presetTable(): string {
  const names = Object.keys(stylizePresets);
  const widest = Math.max(...names.map((name) => name.length));
  const rows = Object.entries(stylizePresets).map(
    ([name, { source, network }]) => `  ${name.padEnd(widest)}  ${source} Network: ${network}.`,
  );
  return ['Presets:', ...rows].join('\n');
}
