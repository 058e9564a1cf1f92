import type { Env, InferenceSession, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common';

/** One of the forms of ONNX Runtime for the web. */
export interface OnnxRuntimeWeb {
  readonly env: Env;
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

/** `wasm` is WebAssembly alone; the other two have the native WebGPU provider beside it. */
export type OnnxRuntimeForm = 'wasm' | 'webgpu' | 'jspi';

/** The WebAssembly file of each form. */
const binaries: Readonly<Record<OnnxRuntimeForm, string>> = {
  wasm: 'ort-wasm-simd-threaded.wasm',
  webgpu: 'ort-wasm-simd-threaded.asyncify.wasm',
  jspi: 'ort-wasm-simd-threaded.jspi.wasm',
};

/** The form with WebGPU for this browser: stacks that can be suspended (JSPI) make a smaller file and quicker calls. */
export const webgpuForm = (): OnnxRuntimeForm => ('Suspending' in WebAssembly ? 'jspi' : 'webgpu');

/** How ONNX Runtime is set up in a worker. */
export interface SetupOptions {
  readonly threads: number;
  /** The folder of the WebAssembly file. Unless given, it is where the bundler or the package has put it. */
  readonly wasm: string | undefined;
}

/**
 * Loads ONNX Runtime. Its default form is none of them, whose WebGPU is another and gives wrong numbers. Imports are dynamic
 * so that it is a file of its own in every bundle: its threads load that file once more.
 */
export async function loadOnnxRuntime(
  form: OnnxRuntimeForm,
  { threads, wasm }: SetupOptions,
): Promise<OnnxRuntimeWeb> {
  const runtime: OnnxRuntimeWeb = await modules[form]();
  runtime.env.logLevel = 'fatal';
  runtime.env.wasm.numThreads = threads;
  if (wasm !== undefined) {
    runtime.env.wasm.wasmPaths = { wasm: new URL(binaries[form], folderUrl(wasm)).href };
  }
  return runtime;
}

const modules: Readonly<Record<OnnxRuntimeForm, () => Promise<OnnxRuntimeWeb>>> = {
  wasm: () => import('onnxruntime-web/wasm'),
  webgpu: () => import('onnxruntime-web/webgpu'),
  jspi: () => import('onnxruntime-web/jspi'),
};

const folderUrl = (folder: string): string => (folder.endsWith('/') ? folder : `${folder}/`);

/** ONNX Runtime's "fatal": a library does not print, and its failures are thrown as well. */
const silent = 4;

/** The settings of a session on a provider. */
export const sessionOptions = (provider: 'wasm' | 'webgpu'): InferenceSession.SessionOptions => ({
  executionProviders: [provider],
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  enableMemPattern: false,
  logSeverityLevel: silent,
});
