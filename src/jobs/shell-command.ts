import { stylizeOptionsSchema } from '../methods/stylize/options.js';
import type { StylizeOrder } from './stylize-order.js';

/** `tvWeight` as a flag of the command line: `--tv-weight`. */
export function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Arguments as one line for a POSIX shell. */
export function shellLine(args: readonly string[]): string {
  return args
    .map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replace(/'/g, `'\\''`)}'`))
    .join(' ');
}

/** The command line that does the same as an order, with the options in the order of the schema. */
export function stylizeCommand(order: StylizeOrder): string {
  const { content, styles, output, options = {}, initial, network, device, threads } = order;
  const { quality, bitDepth, saveEvery, trace, report, resume, mask, contentMask, styleMasks = [] } = order;
  const several = typeof content !== 'string' && content.length > 1;
  const args = ['pastiche', 'stylize', ...[content].flat().map(asPath)];
  if (several) args.push(...styles.flatMap((style) => ['--style', style]));
  else args.push(...styles.map(asPath));
  args.push('-o', output);
  const given: Record<string, unknown> = { ...options, ...(initial === undefined ? {} : { init: initial }) };
  for (const name of Object.keys(stylizeOptionsSchema.shape)) {
    if (given[name] !== undefined) args.push(flagOf(name), asText(given[name]));
  }
  const others = {
    ...{ network, device, threads, quality, bitDepth, saveEvery, trace, report, resume },
    ...{ mask, contentMask },
  };
  for (const [name, value] of Object.entries(others)) {
    if (value !== undefined) args.push(flagOf(name), String(value));
  }
  args.push(...styleMasks.flatMap((path) => ['--style-mask', path]));
  return shellLine(args);
}

/**
 * The command line of a method that makes one picture.
 * @param inputs the pictures that it is made from
 * @param flags by option name; `true` is a flag without a value, what is undefined or `false` is left out
 */
export function pictureCommand(
  method: string,
  inputs: readonly string[],
  output: string,
  flags: Readonly<Record<string, unknown>>,
): string {
  const args = ['pastiche', method, ...inputs.map(asPath), '-o', output];
  for (const [name, value] of Object.entries(flags)) {
    if (value === true) args.push(flagOf(name));
    else if (value !== undefined && value !== false) args.push(flagOf(name), asText(value));
  }
  return shellLine(args);
}

/** A name that begins with a dash would be taken for a flag. */
const asPath = (name: string): string => (name.startsWith('-') ? `./${name}` : name);

const asText = (value: unknown): string =>
  typeof value === 'boolean' ? (value ? 'on' : 'off') : [value].flat().map(String).join(',');
