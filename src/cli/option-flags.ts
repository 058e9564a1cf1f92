import { Option } from 'commander';
import type { z } from 'zod';
import { flagOf } from '../jobs/shell-command.js';
import { parseValue, placeholder, valueSchemas } from './option-values.js';

/** One flag for each option of a schema, with its description, default and check. */
export function optionFlags(schema: z.ZodObject): Option[] {
  const types = schema.shape as Readonly<Record<string, z.ZodType>>;
  return Object.entries(valueSchemas(schema)).map(([name, value]) => {
    const flag = flagOf(name);
    const choices = value.enum === undefined ? '' : `: ${value.enum.join(', ')}`;
    const standard = typeof value.default === 'boolean' ? (value.default ? 'on' : 'off') : value.default;
    const ending = standard === undefined ? '' : ` (default: ${String(standard)})`;
    return new Option(
      `${flag} ${placeholder(value)}`,
      `${value.description ?? ''}${choices}${ending}`,
    ).argParser((text) => parseValue(flag, value, types[name]!, text));
  });
}

/** Of what the parser hands over, the options of a schema that were given. */
export function givenOptions(
  schema: z.ZodObject,
  flags: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const names = Object.keys(schema.shape).filter((name) => flags[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, flags[name]]));
}
