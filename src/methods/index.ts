import { apply } from './apply/apply-method.js';
import { enlarge } from './enlarge/enlarge-method.js';
import { evaluate } from './evaluate/evaluate-method.js';
import { gramInstability } from './gram-instability/gram-instability-method.js';
import { harmonize } from './harmonize/harmonize-method.js';
import { match } from './match/match-method.js';
import { matchColors } from './match-colors/match-colors-method.js';
import type { AnyMethod } from './method.js';
import { reconstruct } from './reconstruct/reconstruct-method.js';
import { style } from './style/style-method.js';
import { stylize } from './stylize/stylize-method.js';
import { texture } from './texture/texture-method.js';

/** Everything that a person can ask for. A command, a function and a form are derived from each. */
export const methods: readonly AnyMethod[] = [
  stylize,
  apply,
  style,
  enlarge,
  texture,
  reconstruct,
  harmonize,
  match,
  matchColors,
  evaluate,
];

/** Methods that show why another one is as it is, each on a page. */
export const demonstrations: readonly AnyMethod[] = [gramInstability];
