// First, so that telemetry is off before the native library is loaded.
import { turnTelemetryOff } from './telemetry.node.js';
import { createRequire } from 'node:module';
import type * as OnnxRuntime from 'onnxruntime-node';

// Loaded here and not imported: in a bundle, imports of packages come before everything that the bundle is made of.
const onnxruntime = createRequire(import.meta.url)('onnxruntime-node') as typeof OnnxRuntime;

/** What of ONNX Runtime the other files of this room use. They import it from here, never from the package. */
export const { listSupportedBackends, Tensor } = onnxruntime;
export type Tensor = OnnxRuntime.Tensor;
export type InferenceSession = OnnxRuntime.InferenceSession;

const { env } = onnxruntime;

/** The version of ONNX Runtime that runs the graphs. */
export const onnxRuntimeVersion: string = env.versions.node ?? env.versions.common;

/**
 * ONNX Runtime's "fatal": its failures are thrown as well, and a library does not print.
 * Levels of a session are numbers, that of the process is a word.
 */
const silent = 4;

/**
 * Makes a session that neither prints nor reports anything.
 * @throws Error of ONNX Runtime's when it refuses the model; StyleError `E_RUNTIME` when its telemetry can't be turned off
 */
export async function createSession(
  model: Uint8Array,
  options: OnnxRuntime.InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  await turnTelemetryOff();
  env.logLevel = 'fatal';
  return onnxruntime.InferenceSession.create(model, { ...options, logSeverityLevel: silent });
}
