import type { JSX } from 'preact';
import { method } from '../state/choices.js';
import { texts } from '../texts.js';
import { Field, fieldGroups } from './field.js';

/** All options of the method, under the headings of its help. */
export function MorePart(): JSX.Element {
  const { name } = method.value;
  return (
    <details class="more" data-form={name}>
      <summary>{texts.more}</summary>
      {fieldGroups(method.value).map(([heading, fields]) => (
        <fieldset key={`${name} ${heading}`}>
          {heading !== '' && <legend>{texts.groupName(heading)}</legend>}
          {fields.map((field) => (
            <Field key={field.name} field={field} place="more" />
          ))}
        </fieldset>
      ))}
    </details>
  );
}
