import { afterAll, describe, expect, it } from 'vitest';
import { createSession, stylize } from '../../src/node.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import type { Runtime } from '../../src/runtime/runtime.js';
import { largestDifference } from '../largest-difference.js';
import { randomPicture } from '../methods/method-runs.js';
import { toyAnyStyle } from '../toy-any-style.js';

const native = createNativeRuntime({ threads: 1 });
afterAll(() => native.dispose());
const compiled: string[] = [];
/** Notes what is compiled, by the names of its outputs. */
const runtime = new Proxy(native, {
  get(target, key) {
    const value: unknown = Reflect.get(target, key);
    if (typeof value !== 'function') return value;
    if (key !== 'compile') return value.bind(target) as unknown;
    return (...given: Parameters<Runtime['compile']>) => {
      compiled.push(...Object.keys(given[0]));
      return target.compile(...given);
    };
  },
});

const codesRead = (): number => compiled.filter((name) => name === 'code').length;

describe('a session', () => {
  it('reads a painting in memory once, however often it paints with a blend of it', async () => {
    const content = randomPicture(40, 32, 1);
    const styles = [randomPicture(40, 40, 2), randomPicture(48, 32, 3)];
    const session = createSession({ runtime });
    const paint = (styleBlend: number[], of = session) =>
      stylize({ content, styles, fast: true, network: toyAnyStyle, styleBlend } as never, { session: of });
    await paint([1, 0.5]);
    expect(codesRead()).toBe(2);
    const again = await paint([0.2, 1]);
    expect(codesRead()).toBe(2);
    const elsewhere = await paint([0.2, 1], createSession({ runtime }));
    expect(codesRead()).toBe(4);
    expect(largestDifference(again.image.rgb, elsewhere.image.rgb)).toBe(0);
  });
});
