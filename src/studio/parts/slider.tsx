import type { JSX } from 'preact';

/** A number on a slider, with its name and its value. */
export function Slider(props: {
  readonly id: string;
  readonly label: string;
  readonly value: number;
  readonly range: readonly [minimum: number, maximum: number, step: number];
  readonly onValue: (value: number) => void;
}): JSX.Element {
  const { id, label, value, range, onValue } = props;
  const [minimum, maximum, step] = range;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <span class="slider">
        <input
          id={id}
          type="range"
          min={minimum}
          max={maximum}
          step={step}
          value={value}
          onInput={({ currentTarget }) => onValue(Number(currentTarget.value))}
        />
        <output for={id}>{value}</output>
      </span>
    </div>
  );
}
