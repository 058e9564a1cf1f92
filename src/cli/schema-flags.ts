import { Option } from 'commander';
import type { z } from 'zod';
import { flagOf } from '../jobs/shell-command.js';
import { describeValue, parseValue, placeholder, valueSchemas } from './option-values.js';

/** A flag for each option of a schema, with its description, choices and default. */
export function schemaFlags(options: z.ZodObject): Option[] {
  return Object.entries(valueSchemas(options)).map(([name, schema]) => {
    const flag = flagOf(name);
    const choices = schema.enum === undefined ? '' : `: ${schema.enum.join(', ')}`;
    const standard = schema.default === undefined ? '' : ` (default: ${String(schema.default)})`;
    const description = `${schema.description ?? describeValue(schema)}${choices}${standard}`;
    const type = options.shape[name] as z.ZodType;
    return new Option(`${flag} ${placeholder(schema)}`, description).argParser((text) =>
      parseValue(flag, schema, type, text),
    );
  });
}

/** Of the flags given those that are options of a schema. */
export function schemaValues(options: z.ZodObject, flags: object): Record<string, unknown> {
  const given = flags as Record<string, unknown>;
  const names = Object.keys(options.shape).filter((name) => given[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, given[name]]));
}
