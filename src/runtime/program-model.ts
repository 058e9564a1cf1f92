import { encodeOnnx, type NamedTensors, type OnnxModel, type Target } from '../graph/index.js';

/** Writes a graph for a session of ours, which is fed the very shapes that it was built for. */
export const programModel = (outputs: NamedTensors, target: Target): OnnxModel =>
  encodeOnnx(outputs, {}, target, { hiddenSizes: target !== 'gpu' });

/** The same for a page's device: `webgpu`, or the CPU by WebAssembly. */
export const pageProgramModel = (outputs: NamedTensors, device: string): OnnxModel =>
  programModel(outputs, device === 'webgpu' ? 'gpu' : 'wasm');
