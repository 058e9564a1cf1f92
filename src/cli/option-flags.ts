import { Option } from 'commander';
import type { z } from 'zod';
import { flagOf } from '../jobs/shell-command.js';
import { describeValue, parseValue, placeholder, valueSchemas, type ValueSchema } from './option-values.js';

/** One flag for each option of a schema, with its description, default and check. */
export function optionFlags(schema: z.ZodObject): Option[] {
  const types = schema.shape as Readonly<Record<string, z.ZodType>>;
  return Object.entries(valueSchemas(schema)).map(([name, value]) => {
    const choices = value.enum === undefined ? '' : `: ${value.enum.join(', ')}`;
    const standard = typeof value.default === 'boolean' ? (value.default ? 'on' : 'off') : value.default;
    const ending = standard === undefined ? '' : ` (default: ${String(standard)})`;
    return optionFlag(
      name,
      value,
      types[name]!,
      `${value.description ?? describeValue(value)}${choices}${ending}`,
    );
  });
}

/** The flag of one option, with its check. What is on or off may be given without either, and is on then. */
export function optionFlag(name: string, schema: ValueSchema, type: z.ZodType, description: string): Option {
  const flag = flagOf(name);
  const option = new Option(`${flag} ${placeholder(schema)}`, description);
  option.argParser((text) => parseValue(flag, schema, type, text));
  return schema.type === 'boolean' ? option.preset('on') : option;
}

/** Of what the parser hands over, the options of a schema that were given. */
export function givenOptions(
  schema: z.ZodObject,
  flags: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const names = Object.keys(schema.shape).filter((name) => flags[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, flags[name]]));
}
