import { Option } from 'commander';
import type { z } from 'zod';
import type { AnyMethod } from '../methods/method.js';
import { valueSchemas, type ValueSchema } from '../methods/option-text.js';
import { flagOf } from './flag-names.js';
import { collect, describeValue, parseValue, placeholder } from './option-values.js';

/**
 * One flag for each option of a schema, with its description, default and check.
 * @param defaults in words, of options whose schema has none
 */
export function optionFlags(
  schema: z.ZodObject,
  defaults: Readonly<Record<string, string>> = {},
): Map<string, Option> {
  const types = schema.shape as Readonly<Record<string, z.ZodType>>;
  return new Map(
    Object.entries(valueSchemas(schema)).map(([name, value]) => [
      name,
      optionFlag(name, value, types[name]!, helpText(value, defaults[name])),
    ]),
  );
}

/** The flags of a method's options under their headings. Where a picture may stand for an option's value, the flag takes a file, too. */
export function methodFlags(method: AnyMethod): Option[] {
  const { options, defaults = {}, groups = {} } = method;
  const flags = optionFlags(options, defaults);
  for (const { option, optionValue } of method.roles) {
    if (option === undefined) continue;
    const schema = valueSchemas(options)[option]!;
    const names = (schema.enum ?? []).filter((name) => name !== optionValue);
    const text = helpText({ ...schema, enum: [...names, 'or a picture file'] }, defaults[option]);
    const flag = new Option(`${flagOf(option)} <name|file>`, text);
    // All that is given: a name and a file contradict each other.
    flags.set(option, flag.argParser(collect));
  }
  const grouped = Object.entries(groups).flatMap(([heading, names]) =>
    names.map((name) => flags.get(name)!.helpGroup(heading)),
  );
  return [...grouped, ...[...flags.values()].filter((flag) => !grouped.includes(flag))];
}

function helpText(schema: ValueSchema, standard: string | undefined): string {
  const choices = schema.enum === undefined ? '' : `: ${schema.enum.join(', ')}`;
  const fallback = typeof schema.default === 'boolean' ? (schema.default ? 'on' : 'off') : schema.default;
  const shown = standard ?? fallback;
  const ending = shown === undefined ? '' : ` (default: ${String(shown)})`;
  return `${schema.description ?? describeValue(schema)}${choices}${ending}`;
}

/** The flag of one option, with its check. What is on or off may be given without either, and is on then. */
function optionFlag(name: string, schema: ValueSchema, type: z.ZodType, description: string): Option {
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
