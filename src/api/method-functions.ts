import { apply, type ApplyPictures } from '../methods/apply/apply-method.js';
import type { ApplyOptions } from '../methods/apply/options.js';
import { enlarge, type EnlargePictures } from '../methods/enlarge/enlarge-method.js';
import type { EnlargeOptions } from '../methods/enlarge/options.js';
import { evaluate } from '../methods/evaluate/evaluate-method.js';
import type { EvaluateOptions, EvaluatePictures, Evaluation } from '../methods/evaluate/evaluate-method.js';
import { harmonize, type HarmonizePictures } from '../methods/harmonize/harmonize-method.js';
import type { HarmonizeOptions } from '../methods/harmonize/options.js';
import { match } from '../methods/match/match-method.js';
import type { MatchOptions, MatchPictures, PictureMatch } from '../methods/match/match-method.js';
import { matchColors, type MatchColorsPictures } from '../methods/match-colors/match-colors-method.js';
import type { PictureOutcome } from '../methods/method.js';
import type { OptimizedPicture } from '../methods/optimization/walk-method.js';
import { reconstruct, type ReconstructPictures } from '../methods/reconstruct/reconstruct-method.js';
import type { ReconstructOptions } from '../methods/reconstruct/options.js';
import type { StylizePictures } from '../methods/stylize/gram-method.js';
import { stylize, type StylizeOptions } from '../methods/stylize/stylize-method.js';
import {
  style,
  type StyleOptions,
  type StyleOutcome,
  type StylePictures,
} from '../methods/style/style-method.js';
import { texture, type TexturePictures } from '../methods/texture/texture-method.js';
import type { TextureOptions } from '../methods/texture/options.js';
import type { ColorMatchingOptions } from '../images/color-matching.js';
import type { AnyStyleModel } from '../networks/any-style-model.js';
import type { EnlargingModel } from '../networks/enlarging-model.js';
import type { PaintingStyle } from '../networks/painting-style.js';
import type { PictureModel } from '../networks/picture-model.js';
import {
  methodFunction,
  type CallOptions,
  type MethodRequest,
  type MethodResult,
  type PlannedFunction,
} from './method-function.js';
import type { MethodRun } from './method-run.js';
import type { Platform } from './platform.js';
import { Session, type SessionOptions } from './session.js';

// Each has a type of its own for its doc comment: the declarations of `export const { stylize, ... } = ...` keep no other.

export interface StylizeFunction extends PlannedFunction<StylizeOptions, StylizePictures> {
  /**
   * Repaints a photograph after a painting, or after several.
   * @throws StyleError for what can't be read or used; AbortError when the signal ends it before it has any result
   * @example
   * ```ts
   * import { stylize } from 'pastiche';
   *
   * const result = await stylize({ content: 'photo.jpg', styles: 'painting.jpg', size: 96, iterations: 20 });
   * await result.write('painted.png');
   * ```
   */
  (
    request: MethodRequest<StylizeOptions, StylizePictures>,
    call?: CallOptions,
  ): MethodRun<MethodResult<OptimizedPicture>>;
}

export interface ApplyFunction extends PlannedFunction<ApplyOptions, ApplyPictures> {
  /**
   * Repaints a picture in one pass with a model that was trained for some paintings.
   * @throws StyleError for what can't be read or used; AbortError when the signal ends it before it has any result
   * @example
   * ```ts
   * import { apply } from 'pastiche';
   *
   * const result = await apply({ model: 'wave', picture: 'photo.jpg', strength: 0.8 });
   * await result.write('painted.png');
   * ```
   */
  (
    request: MethodRequest<ApplyOptions, ApplyPictures> & {
      /** The name of a style or a model, a model's file or that of a painting's style, or either in memory. */
      readonly model: string | PictureModel | PaintingStyle;
    },
    call?: CallOptions,
  ): MethodRun<MethodResult<PictureOutcome>>;
}

export interface StyleFunction extends PlannedFunction<StyleOptions, StylePictures> {
  /**
   * Reads the style of a painting, to paint any number of pictures with it in one pass.
   * @throws StyleError for what can't be read or used; AbortError when the signal ends it
   * @example
   * ```ts
   * import { apply, style } from 'pastiche';
   *
   * const read = await style({ painting: 'painting.jpg' });
   * const result = await apply({ model: read.style, picture: 'photo.jpg' });
   * await result.write('painted.png');
   * ```
   */
  (
    request: MethodRequest<StyleOptions, StylePictures> & {
      /** The name of a network for any painting, its file, or one in memory. @defaultValue `any-style` */
      readonly model?: string | AnyStyleModel | undefined;
    },
    call?: CallOptions,
  ): MethodRun<MethodResult<StyleOutcome>>;
}

export interface EnlargeFunction extends PlannedFunction<EnlargeOptions, EnlargePictures> {
  /**
   * Makes a picture larger, with detail that a network adds.
   * @throws StyleError for what can't be read or used; AbortError when the signal ends it before it has any result
   * @example
   * ```ts
   * import { enlarge } from 'pastiche';
   *
   * const result = await enlarge({ picture: 'photo.jpg', factor: 2 });
   * await result.write('large.png');
   * ```
   */
  (
    request: MethodRequest<EnlargeOptions, EnlargePictures> & {
      /** The name of a model, a model's file, or a model in memory. @defaultValue `enlarge-x4` */
      readonly model?: string | EnlargingModel | undefined;
    },
    call?: CallOptions,
  ): MethodRun<MethodResult<PictureOutcome>>;
}

export interface TextureFunction extends PlannedFunction<TextureOptions, TexturePictures> {
  /**
   * Makes a texture of any size that looks like a sample everywhere.
   * @throws StyleError for what can't be read or used; AbortError when the signal ends it before it has any result
   * @example
   * ```ts
   * import { texture } from 'pastiche';
   *
   * const result = await texture({ sample: 'painting.jpg', size: '64x64', tileable: true, iterations: 20 });
   * await result.write('tile.png');
   * ```
   */
  (
    request: MethodRequest<TextureOptions, TexturePictures>,
    call?: CallOptions,
  ): MethodRun<MethodResult<OptimizedPicture>>;
}

export interface ReconstructFunction extends PlannedFunction<ReconstructOptions, ReconstructPictures> {
  /**
   * Shows what a layer of the network knows of a picture: makes a picture from noise with the same features there.
   * @throws StyleError for what can't be read or used; AbortError when the signal ends it before it has any result
   * @example
   * ```ts
   * import { reconstruct } from 'pastiche';
   *
   * const result = await reconstruct({ picture: 'photo.jpg', layer: 'relu3_1', size: 64, iterations: 20 });
   * await result.write('known.png');
   * ```
   */
  (
    request: MethodRequest<ReconstructOptions, ReconstructPictures>,
    call?: CallOptions,
  ): MethodRun<MethodResult<OptimizedPicture>>;
}

export interface HarmonizeFunction extends PlannedFunction<HarmonizeOptions, HarmonizePictures> {
  /**
   * Makes an object that was pasted into a painting a part of it.
   * @throws StyleError for what can't be read or used; AbortError when the signal ends it before it has any result
   * @example
   * ```ts
   * import { harmonize } from 'pastiche';
   *
   * const pictures = { painting: 'painting.jpg', composite: 'composite.jpg', mask: 'mask.png' };
   * const result = await harmonize({ ...pictures, size: 96, iterations: 5 });
   * await result.write('harmonized.png');
   * ```
   */
  (
    request: MethodRequest<HarmonizeOptions, HarmonizePictures>,
    call?: CallOptions,
  ): MethodRun<MethodResult<OptimizedPicture>>;
}

export interface MatchFunction extends PlannedFunction<MatchOptions, MatchPictures> {
  /**
   * Finds where each patch of a picture comes from in another one.
   * @throws StyleError for what can't be read or used; AbortError when the signal ends it before it has any result
   * @example
   * ```ts
   * import { match, writeImage } from 'pastiche';
   *
   * const { rebuilt, scores } = await match({ picture: 'photo.jpg', reference: 'painting.jpg', size: 64 });
   * await writeImage('rebuilt.png', rebuilt);
   * console.log(Math.max(...scores));
   * ```
   */
  (
    request: MethodRequest<MatchOptions, MatchPictures>,
    call?: CallOptions,
  ): MethodRun<MethodResult<PictureMatch>>;
}

export interface MatchColorsFunction extends PlannedFunction<ColorMatchingOptions, MatchColorsPictures> {
  /**
   * Gives a picture another picture's colours. Needs no network.
   * @throws StyleError for what can't be read or used; AbortError when the signal ends it before it has any result
   * @example
   * ```ts
   * import { matchColors } from 'pastiche';
   *
   * const result = await matchColors({ picture: 'photo.jpg', reference: 'painting.jpg', strength: 0.8 });
   * await result.write('matched.png');
   * ```
   */
  (
    request: MethodRequest<ColorMatchingOptions, MatchColorsPictures>,
    call?: CallOptions,
  ): MethodRun<MethodResult<PictureOutcome>>;
}

export interface EvaluateFunction extends PlannedFunction<EvaluateOptions, EvaluatePictures> {
  /**
   * Measures content, style and smoothness of any picture, to compare results.
   * @throws StyleError for what can't be read or used; AbortError when the signal ends it before it has any result
   * @example
   * ```ts
   * import { evaluate } from 'pastiche';
   *
   * const { content, style } = await evaluate({ picture: 'painted.png', content: 'photo.jpg', style: 'painting.jpg' });
   * console.log(content.relative, style.relative);
   * ```
   */
  (
    request: MethodRequest<EvaluateOptions, EvaluatePictures>,
    call?: CallOptions,
  ): MethodRun<MethodResult<Evaluation>>;
}

export interface CreateSession {
  /**
   * Makes a session, which holds the device and the networks for many calls.
   * @throws StyleError `E_ARGUMENT` for a number of threads that is not a whole number from 1 to 1024
   * @example
   * ```ts
   * import { createSession, evaluate } from 'pastiche';
   *
   * const session = createSession({ threads: 2 });
   * const pictures = { content: 'photo.jpg', style: 'painting.jpg' };
   * for (const picture of ['a.jpg', 'b.jpg']) console.log((await evaluate({ ...pictures, picture }, { session })).style.relative);
   * await session.dispose();
   * ```
   */
  (options?: SessionOptions): Session;
}

/** All methods as functions. */
export interface MethodFunctions {
  readonly stylize: StylizeFunction;
  readonly apply: ApplyFunction;
  readonly style: StyleFunction;
  readonly enlarge: EnlargeFunction;
  readonly texture: TextureFunction;
  readonly reconstruct: ReconstructFunction;
  readonly harmonize: HarmonizeFunction;
  readonly match: MatchFunction;
  readonly matchColors: MatchColorsFunction;
  readonly evaluate: EvaluateFunction;
  readonly createSession: CreateSession;
}

/** All methods as functions of a platform. */
export function methodFunctions(platform: Platform): MethodFunctions {
  return {
    stylize: methodFunction(stylize, platform),
    apply: methodFunction(apply, platform),
    style: methodFunction(style, platform),
    enlarge: methodFunction(enlarge, platform),
    texture: methodFunction(texture, platform),
    reconstruct: methodFunction(reconstruct, platform),
    harmonize: methodFunction(harmonize, platform),
    match: methodFunction(match, platform),
    matchColors: methodFunction(matchColors, platform),
    evaluate: methodFunction(evaluate, platform),
    createSession: (options) => new Session(platform, options),
  };
}
