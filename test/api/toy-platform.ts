import { nodePlatform } from '../../src/api/platform.node.js';
import type { Platform } from '../../src/api/platform.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import type { Program, Runtime } from '../../src/runtime/runtime.js';
import { readToyWeights } from '../toy-weights.js';

/** A runtime in this thread that counts. */
export class CountingRuntime implements Runtime {
  private readonly inner = createNativeRuntime({ threads: 1 });
  readonly device = this.inner.device;
  readonly threads = this.inner.threads;
  compiled = 0;
  disposals = 0;

  compile(...args: Parameters<Runtime['compile']>): Promise<Program> {
    this.compiled += 1;
    return this.inner.compile(...args);
  }

  open(...args: Parameters<Runtime['open']>): Promise<Program> {
    this.compiled += 1;
    return this.inner.open(...args);
  }

  dispose(): Promise<void> {
    this.disposals += 1;
    return this.inner.dispose();
  }
}

/** Node.js with the toy network, in this thread. Remembers what was asked of it. */
export interface ToyPlatform extends Platform {
  readonly runtimes: CountingRuntime[];
  readonly loaded: (string | undefined)[];
  /** What its runtimes were asked to be. */
  readonly devices: object[];
}

const weights = readToyWeights();

export function toyPlatform(more: Partial<Platform> = {}): ToyPlatform {
  const runtimes: CountingRuntime[] = [];
  const loaded: (string | undefined)[] = [];
  const devices: object[] = [];
  return {
    ...nodePlatform,
    ...{ runtimes, loaded, devices },
    createRuntime(options) {
      devices.push(options);
      runtimes.push(new CountingRuntime());
      return runtimes.at(-1)!;
    },
    async loadNetwork(name) {
      loaded.push(name);
      return name === undefined || name === 'toy'
        ? { name: 'toy', weights: await weights }
        : nodePlatform.loadNetwork(name);
    },
    ...more,
  };
}
