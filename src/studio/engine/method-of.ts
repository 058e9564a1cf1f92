import { methods } from '../../methods/index.js';
import type { AnyMethod } from '../../methods/method.js';

/** A method by the name that it is sent by. */
export const methodOf = (name: string): AnyMethod => methods.find((method) => method.name === name)!;
