import { describe, expect, it } from 'vitest';
import { exp, input } from '../../src/graph/index.js';
import { availableDevices, deviceNames, type DeviceName } from '../../src/runtime/devices.node.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import type { OutputValues } from '../../src/runtime/runtime.js';

async function runOn(device: DeviceName): Promise<OutputValues> {
  const runtime = createNativeRuntime({ device });
  const program = await runtime.compile({ y: exp(input('x', [1])) });
  const outputs = await program.run({ x: Float32Array.of(0) });
  await runtime.dispose();
  return outputs;
}

const noSuchDevice = (device: string): unknown =>
  expect.objectContaining({
    name: 'StyleError',
    code: 'E_DEVICE',
    message: expect.stringContaining(`This machine can't run on "${device}"`) as unknown,
    remedy: expect.stringMatching(
      /^ONNX Runtime has these devices here: cpu.*Set the option device to cpu\.$/,
    ) as unknown,
  });

describe('devices', () => {
  it('auto is the CPU, which there always is', async () => {
    expect(availableDevices()).toContain('cpu');
    expect(createNativeRuntime().device).toBe('cpu');
    for (const device of ['auto', 'cpu'] as const)
      expect(await runOn(device)).toEqual({ y: Float32Array.of(1) });
  });

  it.each(deviceNames)('%s works, or the error says what there is', async (device) => {
    const outcome: unknown = await runOn(device).catch((error: unknown) => error);
    if (outcome instanceof Error) {
      expect(outcome).toEqual(noSuchDevice(device));
      // Nothing of ONNX Runtime's source files and lines.
      expect(outcome.message).not.toMatch(/\.cc:\d|\n/);
    } else expect(outcome).toEqual({ y: Float32Array.of(1) });
  });

  it.runIf(process.platform === 'linux').each(['dml', 'coreml'] as const)(
    '%s is not on Linux',
    async (device) => {
      await expect(runOn(device)).rejects.toEqual(noSuchDevice(device));
    },
  );

  it('a name of no device is refused, too', () => {
    expect(() => createNativeRuntime({ device: 'tpu' as DeviceName })).toThrow(noSuchDevice('tpu') as Error);
  });
});
