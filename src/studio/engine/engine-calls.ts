import type { TermFactors } from '../../losses/terms.js';
import type { CanvasPixels } from '../../images/pixels.js';
import type { Correspondence } from '../../methods/match/correspondence-pictures.js';
import type { MethodOutcome } from '../../methods/method.js';
import type { CurvePoint } from '../../methods/optimization/walk-state.js';
import type { WorkerFailure } from '../../runtime/worker-messages.js';

/** A picture on its way to the engine. Its number is the same each time that it is sent, so that it is decoded once. */
export interface SentPicture {
  readonly name: string;
  readonly number: number;
  readonly blob: Blob;
}

/** A picture, or a word where a role takes words. */
export type SentPictureOrWord = SentPicture | string;

/** What is to be computed: a method by its name, with its pictures and its options. */
export interface SentOrder {
  readonly method: string;
  readonly pictures: Readonly<Record<string, readonly SentPictureOrWord[]>>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly network: string | undefined;
  /** The picture that an optimisation begins with. */
  readonly initial: CanvasPixels | undefined;
}

export interface RunQuestion {
  readonly order: SentOrder;
  readonly memoryLimit: number;
  /** A state to go on from. */
  readonly resume: Uint8Array | undefined;
  /** What the weights are multiplied by at first; undefined where they can't change. */
  readonly factors: TermFactors | undefined;
}

/** What the page is told while a run goes on. */
export type RunEvent =
  | { readonly type: 'begun'; readonly isStepwise: boolean }
  | { readonly type: 'part'; readonly done: number }
  /** The run waits until the page has dealt with it, and goes on with the factors that the page answers. */
  | {
      readonly type: 'step';
      readonly iterations: number;
      readonly point: CurvePoint;
      readonly image: CanvasPixels;
      /** To go on from there, now and then. */
      readonly state: Uint8Array | undefined;
    };

/** What a run gives, as the page shows it. */
export interface RunAnswer {
  readonly stopped: MethodOutcome['stopped'];
  readonly image?: CanvasPixels;
  /** Where an optimisation has come to. */
  readonly walk?: {
    readonly curve: readonly CurvePoint[];
    readonly iterations: number;
    readonly state: Uint8Array;
  };
  /** The result in rows, where it is more than a picture. */
  readonly rows: readonly (readonly string[])[];
  /** Its files, where it is no picture or more than one. */
  readonly files: Readonly<Record<string, Blob>>;
  readonly correspondence?: Correspondence & { readonly scores: Float32Array };
}

export interface PlanQuestion {
  readonly order: SentOrder;
  readonly memoryLimit: number;
}

export interface PlanAnswer {
  readonly width: number;
  readonly height: number;
  readonly memoryBytes: number;
  /** Why it is too much for the limit, and the largest size that is not; that is undefined where there is none to set. */
  readonly tooLarge: { readonly failure: WorkerFailure; readonly size: number | undefined } | undefined;
}

/** What can be set of a model. */
export interface AdjustableModel {
  readonly styles: readonly string[];
  /** The style that it has unless told another one. */
  readonly first: string;
  readonly knobs: readonly string[];
}

export interface LayerQuestion {
  readonly picture: SentPicture;
  readonly network: string | undefined;
  readonly layer: string;
  /** Longest side that the picture is looked at. */
  readonly longSide: number;
}

/** What a layer makes of a picture. */
export interface LayerAnswer {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** `[channels, height, width]` */
  readonly features: Float32Array<ArrayBuffer>;
  /** `[channels, channels]`, divided by the number of positions. */
  readonly gram: Float32Array<ArrayBuffer>;
}

export interface GramQuestion {
  /** `[channels, height, width]` */
  readonly features: Float32Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** What the engine can be asked for. */
export interface EngineCalls {
  /** A method's run. */
  run: { readonly question: RunQuestion; readonly answer: RunAnswer };
  /** What it would take. */
  plan: { readonly question: PlanQuestion; readonly answer: PlanAnswer };
  /** What can be set of a model; undefined of one that has one style. */
  model: { readonly question: string; readonly answer: AdjustableModel | undefined };
  /** The layers that a network has. */
  layers: { readonly question: string | undefined; readonly answer: readonly string[] };
  /** The features and the Gram matrix of a picture at a layer. */
  layer: { readonly question: LayerQuestion; readonly answer: LayerAnswer };
  /** A Gram matrix of numbers. */
  gram: { readonly question: GramQuestion; readonly answer: Float32Array<ArrayBuffer> };
  /** The colours of a mask's regions. */
  regions: { readonly question: SentPicture; readonly answer: readonly string[] };
}

export type EngineCall = keyof EngineCalls;

/** The first message to the engine's worker. */
export interface EngineStart {
  /** The folder of ONNX Runtime's WebAssembly. */
  readonly wasm: string;
  /** The name of a lock that it holds as long as it lives, see `worker-life.browser.ts`. */
  readonly lock: string | undefined;
}

/** All other messages to it. Each call has a number. */
export type ToEngine =
  | {
      [Name in EngineCall]: {
        readonly kind: 'ask';
        readonly id: number;
        readonly call: Name;
        readonly question: EngineCalls[Name]['question'];
      };
    }[EngineCall]
  | { readonly kind: 'abort'; readonly id: number }
  /** A step has been dealt with. */
  | { readonly kind: 'seen'; readonly id: number; readonly factors: TermFactors | undefined };

/** Messages of the engine's worker. */
export type FromEngine =
  /** It holds its lock. */
  | { readonly kind: 'ready' }
  /** What it computes on, once that is known and where it changes. */
  | { readonly kind: 'device'; readonly device: string }
  | { readonly kind: 'event'; readonly id: number; readonly event: RunEvent }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  /** Ended by the page before there was a result. */
  | { readonly kind: 'aborted'; readonly id: number }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: WorkerFailure };
