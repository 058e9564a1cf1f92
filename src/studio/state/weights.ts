import { computed } from '@preact/signals';
import { method, options, setOption, settings } from './choices.js';

/** A weight of the loss as a slider. */
export interface WeightKnob {
  readonly option: string;
  readonly value: number;
  /** What it is where it is left out. */
  readonly standard: number;
}

/** The weights that the chosen method lets one change while it runs. */
export const weightKnobs = computed<readonly WeightKnob[]>(() => {
  void options.value;
  void settings.value;
  void method.value;
  return [];
});

/** Sets a weight; a run that goes on takes it at its next step. */
export function setWeight(option: string, value: number): void {
  setOption(option, Number(value.toPrecision(3)));
}
