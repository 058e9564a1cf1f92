/**
 * The engine in Node.js: with ONNX Runtime's native library.
 * @packageDocumentation
 */
export * from './engine.js';
export { nodePlatform } from './api/platform.node.js';
export { writeCurves, type Curves } from './report/curves.node.js';
export { availableDevices, deviceNames } from './runtime/devices.node.js';
export { createNativeRuntime, type NativeRuntime, type NativeRuntimeOptions } from './runtime/native.node.js';
export { createParallelRuntimes } from './runtime/parallel-runtimes.node.js';
export { createWorkerRuntime } from './runtime/worker-runtime.node.js';
export { loadVggWeights } from './weights/model-files.node.js';
