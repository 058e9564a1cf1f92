import { Option } from 'commander';
import { z } from 'zod';
import { StyleError } from '../errors.js';
import { valueOfText, type ValueSchema } from '../methods/option-text.js';

/**
 * What a value may be, in words: `a whole number from 1 to 32768`.
 * @param exact with upper limits that nobody asks for, which keep numbers in the range that is computed with
 */
export function describeValue(schema: ValueSchema, exact = false): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map((one) => describeValue(one, exact)).join(', or ');
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  switch (schema.type) {
    case 'boolean':
      return 'on or off';
    case 'array':
      return `a list with commas between, each ${describeValue(schema.items!, exact)}`;
    case 'integer':
      return `a whole number${describeRange(schema, exact)}`;
    case 'number':
      return `a number${describeRange(schema, exact)}`;
    default:
      return 'a text that is not empty';
  }
}

function describeRange({ minimum, maximum, exclusiveMinimum }: ValueSchema, exact: boolean): string {
  // JSON Schema states the limits of whole numbers themselves; people don't ask for them.
  const isLimit = maximum !== undefined && (exact || maximum < Number.MAX_SAFE_INTEGER);
  const upper = isLimit ? maximum : undefined;
  if (exclusiveMinimum !== undefined) {
    return upper === undefined
      ? ` above ${exclusiveMinimum}`
      : ` above ${exclusiveMinimum} and up to ${upper}`;
  }
  if (minimum === undefined) return upper === undefined ? '' : ` up to ${upper}`;
  return upper === undefined ? `, ${minimum} or more` : ` from ${minimum} to ${upper}`;
}

/** What stands for a value in a usage line: `<N>`, `<A,B>`; in brackets where the flag alone says enough. */
export function placeholder(schema: ValueSchema): string {
  if (schema.anyOf !== undefined) {
    return `<${schema.anyOf.map((one) => placeholder(one).slice(1, -1)).join('|')}>`;
  }
  if (schema.enum !== undefined) return schema.type === 'number' ? '<N>' : '<name>';
  switch (schema.type) {
    case 'boolean':
      return '[on|off]';
    case 'array':
      return '<A,B>';
    case 'integer':
      return '<N>';
    case 'number':
      return '<number>';
    default:
      return `<${schema.placeholder ?? 'text'}>`;
  }
}

/**
 * Reads an option's value from its text, and checks it.
 * @param flag for the message: `--size`
 * @throws StyleError `E_ARGUMENT` that names the flag, the value and what it takes
 */
export function parseValue(flag: string, schema: ValueSchema, type: z.ZodType, text: string): unknown {
  const value = valueOfText(schema, text);
  const parsed = value === undefined ? undefined : type.safeParse(value);
  if (parsed?.success === true) return value;
  const issue = parsed?.error.issues[0];
  // A text's form is described with its pattern.
  const takes =
    issue?.code === 'invalid_format' ? issue.message : describeValue(schema, [value].flat().some(isHuge));
  throw new StyleError('E_ARGUMENT', `${flag} can't be ${JSON.stringify(text)}.`, `It takes ${takes}.`);
}

const isHuge = (value: unknown): boolean => typeof value === 'number' && value >= Number.MAX_SAFE_INTEGER;

/** The parser of a flag that may be given several times: all of its values. */
export const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** A flag that takes a whole number. */
export function wholeNumber(flag: string, description: string, smallest: number, largest?: number): Option {
  const range = z.int().min(smallest);
  const type = largest === undefined ? range : range.max(largest);
  const schema = z.toJSONSchema(type) as ValueSchema;
  return new Option(`${flag} <N>`, description).argParser((text) => parseValue(flag, schema, type, text));
}
