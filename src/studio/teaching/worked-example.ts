import { computed, signal } from '@preact/signals';
import { engine } from '../state/engine.js';

/** Sides and channels of the map that tutorials of Gram matrices reckon with. */
export const exampleShape = { height: 2, width: 2, channels: 3 } as const;

const { height, width, channels } = exampleShape;
const positions = height * width;

/** Its numbers as the tutorials have them, 1 to 12: row by row, and at each position channel by channel. */
export const tutorialValues: readonly number[] = Array.from(
  { length: positions * channels },
  (_, i) => i + 1,
);

/** The numbers as they were edited. */
export const exampleValues = signal(tutorialValues);

/** The channel as one row of the matrix F that the Gram matrix is made of, each position in turn. */
export const channelRow = (channel: number): number[] =>
  Array.from({ length: positions }, (_, position) => exampleValues.value[position * channels + channel]!);

/** Changes one number. What is no number is left as it was. */
export function setExampleValue(index: number, value: number): void {
  if (!Number.isFinite(value)) return;
  exampleValues.value = exampleValues.value.map((before, i) => (i === index ? value : before));
}

const computedGram = signal<{ readonly of: readonly number[]; readonly gram: Float32Array } | undefined>(
  undefined,
);

/** The Gram matrix of the numbers of now, row by row; undefined until it has been computed. */
export const exampleGram = computed(() =>
  computedGram.value?.of === exampleValues.value ? computedGram.value.gram : undefined,
);

/** Has the engine compute the matrix: the same expression as in a loss, by the same runtime. */
export async function computeExample(): Promise<void> {
  const values = exampleValues.value;
  const features = Float32Array.from(
    Array.from({ length: channels }, (_, channel) => channelRow(channel)).flat(),
  );
  const gram = await engine().ask('gram', { features, ...exampleShape });
  computedGram.value = { of: values, gram };
}
