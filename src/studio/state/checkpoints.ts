import { computed, signal } from '@preact/signals';
import type { CanvasPixels } from '../../images/pixels.js';

/** A step that one can go back to. */
export interface Checkpoint {
  readonly iteration: number;
  readonly image: CanvasPixels;
  /** The state to go on from. */
  readonly state: Uint8Array;
}

/** Bytes that checkpoints may take together. */
const budget = 256e6;

/** Steps that one can go back to, in their order. */
export const checkpoints = signal<readonly Checkpoint[]>([]);

/** The one that a run goes on from after a failure. */
export const latest = computed(() => checkpoints.value.at(-1));

const bytesOf = ({ image, state }: Checkpoint): number => image.data.byteLength + state.byteLength;

/** Keeps one more; where they take too much, every second one of the earlier is dropped. */
export function keepCheckpoint(added: Checkpoint): void {
  let kept = [...checkpoints.value.filter(({ iteration }) => iteration < added.iteration), added];
  while (kept.length > 2 && kept.reduce((sum, one) => sum + bytesOf(one), 0) > budget) {
    kept = kept.filter((_, index) => (kept.length - 1 - index) % 2 === 0);
  }
  checkpoints.value = kept;
}

/** Drops what lies after a step that a run goes on from, or all. */
export function dropCheckpoints(after = -1): void {
  checkpoints.value = checkpoints.value.filter(({ iteration }) => iteration <= after);
}
