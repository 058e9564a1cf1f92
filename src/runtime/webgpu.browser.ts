import type { TensorConstructor } from 'onnxruntime-common';
import { StyleError } from '../errors.js';
import { runtimeError, tensorsInPlace, type PlaceTensor } from './session-program.js';

/** What of a WebGPU adapter is looked at; TypeScript's own types of browsers may lack it. */
export interface AdapterInfo {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly device?: string;
  readonly description?: string;
  readonly isFallbackAdapter?: boolean;
}

interface Adapter {
  readonly info?: AdapterInfo;
  readonly isFallbackAdapter?: boolean;
}

interface Gpu {
  requestAdapter(options?: { powerPreference?: 'high-performance' }): Promise<Adapter | null>;
}

/**
 * The graphics adapter of this browser, where one answers.
 * @param software whether one that computes on the processor will do, which WebAssembly does quicker
 */
export async function findAdapter(software: boolean): Promise<AdapterInfo | undefined> {
  const { gpu } = navigator as { gpu?: Gpu };
  const adapter = await gpu?.requestAdapter().catch(() => null);
  if (adapter === null || adapter === undefined) return undefined;
  const info = adapter.info ?? {};
  const isSoftware = info.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false;
  return isSoftware && !software ? undefined : info;
}

/** What tells an adapter from others. */
export const adapterName = ({ vendor, architecture, device, description }: AdapterInfo): string =>
  [vendor, architecture, device, description].filter((part) => part !== undefined && part !== '').join(' ');

/** The error for WebGPU where it can't be used. @param reason in a few words */
export const deviceError = (reason: string): StyleError =>
  new StyleError(
    'E_DEVICE',
    `This browser can't run on "webgpu" (${reason}).`,
    'Set the option device to cpu, or leave it out.',
    { option: 'device' },
  );

/** What of a WebGPU device is used; TypeScript's own types of browsers may lack it. */
export interface GraphicsDevice {
  createBuffer(options: { size: number; usage: number; mappedAtCreation: boolean }): GraphicsBuffer;
}

interface GraphicsBuffer {
  getMappedRange(): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

/** `GPUBufferUsage` of a buffer that shaders read, and that is copied from and to. */
const usage = 0x80 | 0x4 | 0x8;
/** ONNX Runtime's shaders read four numbers at a time. */
const multiple = 16;

function createBuffer(device: GraphicsDevice, size: number): GraphicsBuffer {
  try {
    return device.createBuffer({ size, usage, mappedAtCreation: true });
  } catch (cause) {
    // There is no memory to fill it from.
    throw runtimeError('run', cause);
  }
}

/** Tensors of values that are copied to a device once, in a buffer that goes with the tensor. Nothing has no buffer and stays. */
export const tensorsOnDevice =
  (device: GraphicsDevice, tensors: TensorConstructor): PlaceTensor =>
  (values, shape) => {
    if (values.length === 0) return tensorsInPlace(tensors)(values, shape);
    const size = Math.ceil(values.byteLength / multiple) * multiple;
    const buffer = createBuffer(device, size);
    const { buffer: memory, byteOffset, byteLength } = values;
    new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(memory, byteOffset, byteLength));
    buffer.unmap();
    return tensors.fromGpuBuffer(buffer as unknown as Parameters<TensorConstructor['fromGpuBuffer']>[0], {
      dataType: values instanceof Float32Array ? 'float32' : 'int64',
      dims: shape,
      dispose: () => buffer.destroy(),
    });
  };
