import { computed, effect, signal } from '@preact/signals';
import { StyleError } from '../../errors.js';
import { networkKindOf } from '../../methods/method.js';
import type { AdjustableModel } from '../engine/engine-calls.js';
import { method, network, options, setOption } from './choices.js';
import { engine } from './engine.js';
import { sentNetwork } from './sent-order.js';

/** Something of a model that counts more or less. */
export interface ModelKnob {
  readonly name: string;
  readonly value: number;
}

/** The largest weight of a loss that a model is trained with. */
export const largestModelWeight = 2;

const adjustable = signal<AdjustableModel | undefined>(undefined);

effect(() => {
  const name = network.value;
  const isModel = networkKindOf(method.value) === 'model';
  adjustable.value = undefined;
  if (!isModel || name === undefined || name === '') return undefined;
  let isAsked = true;
  engine()
    .ask('model', sentNetwork(name)!)
    .then((found) => {
      if (isAsked) adjustable.value = found;
    })
    .catch((error: unknown) => {
      // The run itself says what is wrong.
      if (!(error instanceof StyleError)) throw error;
    });
  return () => (isAsked = false);
});

/** `wave:0.7` and `relu1_1=0.2`, as the options have them. */
const parts = (option: string): ReadonlyMap<string, number> => {
  const given = (options.value[option] ?? []) as readonly string[];
  return new Map(
    given.map((text) => {
      const [name, value] = text.split(/[:=]/) as [string, string?];
      return [name, value === undefined ? 1 : Number(value)];
    }),
  );
};

/** How much of each style of the model there is; empty where it has one only. */
export const styleKnobs = computed<readonly ModelKnob[]>(() => {
  const { styles = [], first } = adjustable.value ?? {};
  if (styles.length < 2) return [];
  const given = parts('style');
  return styles.map((name) => ({
    name,
    value: given.size > 0 ? (given.get(name) ?? 0) : Number(name === first),
  }));
});

/** How much each term counts of a model that can be adjusted; empty for another one. */
export const layerKnobs = computed<readonly ModelKnob[]>(() => {
  const given = parts('layerWeights');
  return (adjustable.value?.knobs ?? []).map((name) => ({ name, value: given.get(name) ?? 1 }));
});

/** Sets how much of a style there is; the last one that is left stays. */
export function setStylePart(name: string, value: number): void {
  const all = styleKnobs.value.map((knob) => (knob.name === name ? { name, value } : knob));
  const counted = all.filter((knob) => knob.value > 0);
  if (counted.length === 0) return;
  setOption(
    'style',
    counted.map((knob) => (counted.length === 1 ? knob.name : `${knob.name}:${knob.value}`)),
  );
}

/** Sets how much a term counts. */
export function setLayerWeight(name: string, value: number): void {
  const all = layerKnobs.value.map((knob) => (knob.name === name ? { name, value } : knob));
  const others = all.filter((knob) => knob.value !== 1).map((knob) => `${knob.name}=${knob.value}`);
  setOption('layerWeights', others.length === 0 ? undefined : others);
}
