import { StyleError } from '../errors.js';

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
