import { evaluate } from '../methods/evaluate/evaluate-method.js';
import { harmonize } from '../methods/harmonize/harmonize-method.js';
import { match } from '../methods/match/match-method.js';
import { matchColors } from '../methods/match-colors/match-colors-method.js';
import { reconstruct } from '../methods/reconstruct/reconstruct-method.js';
import { stylize } from '../methods/stylize/stylize-method.js';
import { texture } from '../methods/texture/texture-method.js';
import { methodFunction } from './method-function.js';
import type { Platform } from './platform.js';
import { Session, type SessionOptions } from './session.js';

/** All methods as functions of a platform. */
export function methodFunctions(platform: Platform) {
  return {
    stylize: methodFunction(stylize, platform),
    texture: methodFunction(texture, platform),
    reconstruct: methodFunction(reconstruct, platform),
    harmonize: methodFunction(harmonize, platform),
    match: methodFunction(match, platform),
    matchColors: methodFunction(matchColors, platform),
    evaluate: methodFunction(evaluate, platform),
    createSession: (options?: SessionOptions): Session => new Session(platform, options),
  };
}
