import type { WebCompilerOptions } from './web-compiler.browser.js';
import type { WorkerAnswer, WorkerFailure } from './worker-messages.js';

/** The first message to a page's worker. */
export interface WebWorkerStart {
  readonly options: WebCompilerOptions;
  /** The name of a lock that it holds as long as it lives, by which its page finds out when it is gone. */
  readonly lock: string | undefined;
}

/** What a page's worker computes with: its first message, and again where it changes. */
export interface DeviceReport {
  readonly device: string;
  readonly threads: number;
}

/** Why a page's worker can't start. */
export interface StartFailure {
  readonly failure: WorkerFailure;
}

/** Messages from a page's worker; its answers are those of any worker. */
export type WebWorkerMessage = DeviceReport | StartFailure | WorkerAnswer;

export const isAnswer = (message: WebWorkerMessage): message is WorkerAnswer => 'id' in message;
