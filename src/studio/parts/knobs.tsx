import type { JSX } from 'preact';
import { networkKindOf } from '../../methods/method.js';
import { method, network, setNetwork } from '../state/choices.js';
import { modelChoices } from '../state/models.js';
import { weightKnobs, setWeight } from '../state/weights.js';
import { texts } from '../texts.js';
import { Field, fieldGroups } from './field.js';
import { ModelKnobs } from './model-knobs.js';

/** How many options stand in front beside the size; the others are under "more". */
const inFront = 3;

/** The first options of a method, and the weights of a run that goes on. */
export function KnobsPart(): JSX.Element {
  const knobs = weightKnobs.value;
  const groups = fieldGroups(method.value).map(([, fields]) => fields);
  const weights = new Set(knobs.map(({ option }) => option));
  const others = (groups[0] ?? []).filter(({ name }) => name !== 'size' && !weights.has(name));
  const fields = [...groups.flat().filter(({ name }) => name === 'size'), ...others.slice(0, inFront)];
  return (
    <section aria-labelledby="knobs-heading">
      <h2 id="knobs-heading">{texts.knobs}</h2>
      <ModelChoice />
      <ModelKnobs />
      {knobs.map(({ option, value, standard }) => (
        <div class="field" key={option} data-weight={option}>
          <label for={`weight-${option}`}>{texts.optionName(option)}</label>
          <span class="slider">
            <input
              id={`weight-${option}`}
              type="range"
              min={-3}
              max={3}
              step={0.05}
              value={Math.log2(value / standard)}
              aria-valuetext={String(value)}
              onInput={({ currentTarget }) => setWeight(option, standard * 2 ** Number(currentTarget.value))}
            />
            <output for={`weight-${option}`}>{value}</output>
          </span>
        </div>
      ))}
      {fields.map((field) => (
        <Field key={`${method.value.name} ${field.name}`} field={field} place="knob" />
      ))}
    </section>
  );
}

/** The model of a method that needs one, or the network; names of the package are offered, others are written. */
export function ModelChoice(): JSX.Element | null {
  const one = method.value;
  if (one.network === undefined || 'model' in one.options.shape) return null;
  const isModel = networkKindOf(one) !== 'perceptual';
  return (
    <div class="field">
      <label for="network">{isModel ? texts.model : texts.network}</label>
      <input
        id="network"
        name="network"
        list="networks"
        autocomplete="off"
        spellcheck={false}
        value={network.value ?? ''}
        placeholder={one.defaults?.['network'] ?? texts.unset}
        onChange={({ currentTarget }) => setNetwork(currentTarget.value.trim())}
      />
      <datalist id="networks">
        {modelChoices(one).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </div>
  );
}
