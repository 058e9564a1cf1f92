import { z } from 'zod';

/** The part of JSON Schema that options are described in. */
export interface ValueSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly items?: ValueSchema;
  readonly anyOf?: readonly ValueSchema[];
  /** What stands for a text of a certain form in a usage line. */
  readonly placeholder?: string;
}

/** The options of a zod object by name, as JSON Schema. */
export function valueSchemas(options: z.ZodObject): Readonly<Record<string, ValueSchema>> {
  const { properties } = z.toJSONSchema(options, { io: 'input' });
  return properties as Record<string, ValueSchema>;
}

/**
 * An option's value from its text, as flags and forms have it; whether it may be so large or so small is not asked.
 * @returns undefined when the text is none of the kinds that the schema takes
 */
export function valueOfText(schema: ValueSchema, text: string): unknown {
  if (schema.anyOf !== undefined) {
    return schema.anyOf.map((one) => valueOfText(one, text)).find((value) => value !== undefined);
  }
  switch (schema.type) {
    case 'boolean':
      return text === 'on' ? true : text === 'off' ? false : undefined;
    case 'integer':
    case 'number':
      return decimal.test(text.trim()) ? Number(text) : undefined;
    case 'array': {
      const items = text.split(',').map((part) => valueOfText(schema.items!, part.trim()));
      return items.includes(undefined) ? undefined : items;
    }
    default:
      return text;
  }
}

/** A value as {@link valueOfText} reads it. */
export const textOfValue = (value: unknown): string =>
  typeof value === 'boolean' ? (value ? 'on' : 'off') : [value].flat().map(String).join(',');

/** Decimal numbers as people write them; `0x10`, `NaN`, `Infinity` and `12px` are none. */
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
