import { computed, signal } from '@preact/signals';
import type { LossTerm, TermFactors } from '../../losses/terms.js';
import type { StyleError } from '../../errors.js';
import { method, options, setOption, settings, settingsOf } from './choices.js';

/** A weight of the loss as a slider. */
export interface WeightKnob {
  readonly option: string;
  readonly value: number;
  /** What it is where it is left out. */
  readonly standard: number;
}

/** The weights that a run began with, by their options; undefined before the first one. */
export const begun = signal<Readonly<Record<string, number>> | undefined>(undefined);

const weightsOf = (found: object | StyleError, names: readonly string[]): Record<string, number> => {
  const values = found as Readonly<Record<string, unknown>>;
  const numbers = names.filter((name) => typeof values[name] === 'number');
  return Object.fromEntries(numbers.map((name) => [name, values[name] as number]));
};

/** The weights that the chosen method lets one change while it runs; those that don't count at all are among its options. */
export const weightKnobs = computed<readonly WeightKnob[]>(() => {
  const names = Object.values(method.value.weightOptions ?? {});
  const { strength: _, ...others } = options.value;
  const unset = Object.fromEntries(Object.entries(others).filter(([name]) => !names.includes(name)));
  const standards = weightsOf(settingsOf(method.value, unset, undefined), names);
  const now = weightsOf(settings.value, names);
  return Object.entries(standards)
    .filter(([, standard]) => standard > 0)
    .map(([option, standard]) => ({ option, standard, value: now[option] ?? standard }));
});

/** Sets a weight; a run that goes on takes it at its next step. */
export function setWeight(option: string, value: number): void {
  setOption(option, Number(value.toPrecision(3)));
}

/** Remembers the weights that a run begins with. */
export function beginWeights(): void {
  begun.value = weightsOf(settings.value, Object.values(method.value.weightOptions ?? {}));
}

/** What the weights are now, as factors of those that the run began with. */
export function liveFactors(): TermFactors {
  const first = begun.value ?? {};
  const now = weightsOf(settings.value, Object.keys(first));
  const factors = Object.entries(method.value.weightOptions ?? {}).flatMap(([term, option]) => {
    const before = first[option];
    const value = now[option];
    if (before === undefined || before === 0 || value === undefined) return [];
    return [[term as LossTerm, value / before] as const];
  });
  return Object.fromEntries(factors);
}

/** The weights that have changed since a run began, for what says how its picture was made. */
export function changedWeights(): Readonly<Record<string, number>> {
  const first = begun.value ?? {};
  const now = weightsOf(settings.value, Object.keys(first));
  return Object.fromEntries(Object.entries(now).filter(([option, value]) => value !== first[option]));
}
