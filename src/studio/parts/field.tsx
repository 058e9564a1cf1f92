import type { JSX } from 'preact';
import { useSignal } from '@preact/signals';
import { textOfValue, valueOfText, valueSchemas, type ValueSchema } from '../../methods/option-text.js';
import type { AnyMethod } from '../../methods/method.js';
import { options, setOption } from '../state/choices.js';
import { texts } from '../texts.js';

/** An option as a form has it. */
export interface OptionField {
  readonly name: string;
  readonly schema: ValueSchema;
  /** What it is when it is left out, in words. */
  readonly standard: string | undefined;
}

/** The fields of a method's form under their headings, all from its schema; those under no heading come last. */
export function fieldGroups(
  method: AnyMethod,
): readonly (readonly [heading: string, readonly OptionField[]])[] {
  const schemas = valueSchemas(method.options);
  const { groups = {}, defaults = {} } = method;
  const grouped = new Set(Object.values(groups).flat());
  const rest = Object.keys(schemas).filter((name) => !grouped.has(name));
  const fieldOf = (name: string): OptionField => {
    const schema = schemas[name]!;
    const standard =
      defaults[name] ?? (schema.default === undefined ? undefined : textOfValue(schema.default));
    return { name, schema, standard };
  };
  return [...Object.entries(groups), ...(rest.length === 0 ? [] : [['', rest] as const])].map(
    ([heading, names]) => [heading, names.map(fieldOf)],
  );
}

/** One option with its name, its control and what it says. */
export function Field(props: {
  readonly field: OptionField;
  /** Tells the same option at two places of the page apart. */
  readonly place: string;
}): JSX.Element {
  const { field, place } = props;
  const { name, schema, standard } = field;
  const id = `${place}-${name}`;
  return (
    <div class="field" data-option={name}>
      <label for={id}>{texts.optionName(name)}</label>
      <Control id={id} field={field} />
      <p class="hint" id={`${id}-hint`}>
        {texts.optionDescription(name, schema.description ?? '')}
        {standard !== undefined && <span class="standard"> {texts.standard(standard)}</span>}
      </p>
    </div>
  );
}

/** Numbers of so short a range are slid. */
const isShort = ({ minimum, maximum }: ValueSchema): boolean =>
  minimum !== undefined && maximum !== undefined && maximum - minimum <= 2;

function Control({ id, field }: { readonly id: string; readonly field: OptionField }): JSX.Element {
  const { name, schema } = field;
  const value = options.value[name];
  const around = { id, name, 'aria-describedby': `${id}-hint` };
  if (schema.enum !== undefined || schema.type === 'boolean') {
    const choices = schema.enum ?? ['on', 'off'];
    return (
      <select
        {...around}
        value={value === undefined ? '' : textOfValue(value)}
        onChange={({ currentTarget }) => setOption(name, valueOfText(schema, currentTarget.value || 'unset'))}
      >
        <option value="">{texts.unset}</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    );
  }
  if (schema.type === 'number' && isShort(schema)) return <Slider around={around} field={field} />;
  return <TextControl around={around} field={field} />;
}

type Around = Readonly<{ id: string; name: string; 'aria-describedby': string }>;

/** What stands for a value that is left out, on a slider. */
const middle = ({ minimum, maximum, default: standard }: ValueSchema): number =>
  typeof standard === 'number' ? standard : (minimum! + maximum!) / 2;

function Slider({ around, field }: { readonly around: Around; readonly field: OptionField }): JSX.Element {
  const { name, schema } = field;
  const value = (options.value[name] as number | undefined) ?? middle(schema);
  return (
    <span class="slider">
      <input
        {...around}
        type="range"
        min={schema.minimum}
        max={schema.maximum}
        step={0.01}
        value={value}
        onInput={({ currentTarget }) => setOption(name, Number(currentTarget.value))}
      />
      <output for={around.id}>{value}</output>
    </span>
  );
}

function TextControl({
  around,
  field,
}: {
  readonly around: Around;
  readonly field: OptionField;
}): JSX.Element {
  const { name, schema } = field;
  const value = options.value[name];
  const refused = useSignal<string | undefined>(undefined);
  const isNumber = schema.type === 'integer' || schema.type === 'number';
  return (
    <input
      {...around}
      type="text"
      inputMode={isNumber ? 'decimal' : 'text'}
      autocomplete="off"
      spellcheck={false}
      aria-invalid={refused.value !== undefined}
      placeholder={field.standard ?? texts.unset}
      value={refused.value ?? (value === undefined ? '' : textOfValue(value))}
      onChange={({ currentTarget }) => {
        const text = currentTarget.value.trim();
        const read = text === '' ? undefined : valueOfText(schema, text);
        refused.value = text !== '' && read === undefined ? text : undefined;
        if (refused.value === undefined) setOption(name, read);
      }}
    />
  );
}
