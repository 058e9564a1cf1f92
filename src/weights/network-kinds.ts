import { isPaintingStyle } from '../networks/painting-style.js';
import type { NetworkKind } from './models.js';

/** What weights of a kind have that those of others lack. */
const entries: Readonly<Record<NetworkKind, readonly string[]>> = {
  perceptual: ['convolutions'],
  model: ['styles', 'bytes', 'style'],
  'any-style-model': ['paint'],
  'enlarging-model': ['parameters'],
};

/** Whether a value is weights of a kind. */
export const isOfKind = (value: unknown, kind: NetworkKind): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (entries[kind].some((entry) => entry in value) || (kind === 'model' && isPaintingStyle(value)));

/** Whether a value is weights of any kind. */
export const isWeightsValue = (value: unknown): boolean =>
  Object.keys(entries).some((kind) => isOfKind(value, kind as NetworkKind));
