import type { JSX } from 'preact';
import { methods } from '../../methods/index.js';
import { chooseMethod, method } from '../state/choices.js';
import { texts } from '../texts.js';

/** The choice among all methods of the library's list. */
export function MethodsPart(): JSX.Element {
  const { name } = method.value;
  return (
    <label class="methods">
      <span>{texts.method}</span>
      <select
        name="method"
        value={name}
        onChange={({ currentTarget }) =>
          chooseMethod(methods.find((one) => one.name === currentTarget.value)!)
        }
      >
        {methods.map((one) => (
          <option key={one.name} value={one.name}>
            {texts.methodName(one.name)}
          </option>
        ))}
      </select>
    </label>
  );
}
