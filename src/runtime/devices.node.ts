import { StyleError } from '../errors.js';
import type { Target } from '../graph/index.js';
import { processorTarget } from './channel-block.node.js';
import { deviceNames, type DeviceName } from './device-names.js';
import { listSupportedBackends, onnxRuntimeVersion } from './onnxruntime.node.js';
import { hasVulkanDriver } from './vulkan.node.js';

export { deviceNames, onnxRuntimeVersion, type DeviceName };

/**
 * The devices that this build of ONNX Runtime knows; whether the machine has the hardware shows at the first use.
 * @example
 * ```ts
 * import { availableDevices } from 'pastiche/engine';
 *
 * console.log(availableDevices()); // cpu, webgpu, ...
 * ```
 */
export function availableDevices(): Exclude<DeviceName, 'auto'>[] {
  const names = listSupportedBackends().map(({ name }) => name);
  return deviceNames.filter(
    (name): name is Exclude<DeviceName, 'auto'> => name !== 'auto' && names.includes(name),
  );
}

/**
 * The execution provider for a device name. `auto` is the CPU: whether an accelerator works shows only when it fails,
 * and then not always with an error, so it has to be asked for.
 * @throws StyleError `E_DEVICE` that names what there is
 */
export function resolveDevice(name: DeviceName): Exclude<DeviceName, 'auto'> {
  const device = name === 'auto' ? 'cpu' : name;
  if (!availableDevices().includes(device)) throw deviceError(device);
  if (device === 'webgpu' && process.platform === 'linux') {
    requireLibrary(device, 'libvulkan.so.1');
    if (!hasVulkanDriver()) throw deviceError(device, new Error('no Vulkan driver is installed'));
  }
  return device;
}

/** Without Vulkan, ONNX Runtime's WebGPU writes to the terminal before it fails; so it is looked for first. */
function requireLibrary(device: string, library: string): void {
  try {
    process.dlopen({ exports: {} }, library);
  } catch (error) {
    // A library that is there is refused as well, since it is no addon of Node's.
    if (error instanceof Error && error.message.includes('cannot open')) throw deviceError(device, error);
  }
}

/** Which operators a graph for this device is written in. */
export const graphTarget = async (device: string): Promise<Target> =>
  device === 'cpu' ? processorTarget() : 'gpu';

/** The error for a device that this machine can't use. */
export function deviceError(device: string, cause?: unknown): StyleError {
  const reason = cause instanceof Error ? ` (${firstSentence(cause.message)})` : '';
  const known = availableDevices();
  return new StyleError(
    'E_DEVICE',
    `This machine can't run on ${JSON.stringify(device)}${reason}.`,
    `ONNX Runtime has these devices here: ${known.join(', ')}${known.length > 1 ? '; all but cpu need their hardware and drivers' : ''}. Set the option device to cpu.`,
    { cause, option: 'device' },
  );
}

/** ONNX Runtime's messages begin with source locations, which tell a user nothing. */
function firstSentence(message: string): string {
  const text = message
    .replace(/^.*was false\.\s*/s, '')
    .split('\n')[0]!
    .trim();
  return text.replace(/\.$/, '').slice(0, 160);
}
