import { copyFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/api/platform.node.js';
import { Session } from '../../src/api/session.js';
import { runPart } from '../../src/jobs/run-files.node.js';
import { SharedPictures } from '../../src/jobs/shared-pictures.node.js';
import { stylize } from '../../src/methods/stylize/stylize-method.js';
import type { Runtime } from '../../src/runtime/runtime.js';
import { errorOf } from '../methods/method-runs.js';
import { makeJobFolder } from './job-folder.js';

const { common, photo, painting, at, outputFolder } = await makeJobFolder();
const { runtime: native, network } = common;
let compiled = 0;
const runtime: Runtime = {
  ...{ device: native.device, threads: native.threads },
  compile(outputs) {
    compiled += 1;
    return native.compile(outputs);
  },
  open: (model) => native.open(model),
  dispose: () => Promise.resolve(),
};
const session = new Session(nodePlatform, { runtime });
afterAll(() => session.dispose());

describe('pictures that several requests share', () => {
  it('are read and measured once, and again after they were let go', async () => {
    const out = await outputFolder('shared');
    const shared = new SharedPictures();
    const options = { size: 48, scales: [48], iterations: 1 };
    let number = 0;
    const compiledFor = async (pictures: object, keeper?: SharedPictures): Promise<number> => {
      const before = compiled;
      const request = { pictures: { content: photo, styles: painting, ...pictures } };
      const output = out(`${(number += 1)}.png`);
      await runPart(stylize, { ...request, options, session, network, output }, { shared: keeper });
      return compiled - before;
    };
    const alone = await compiledFor({});
    // The graph that measures a painting is compiled anew each time that one is measured.
    expect(await compiledFor({})).toBe(alone);
    expect(await compiledFor({}, shared)).toBe(alone);
    const second = await compiledFor({ content: painting }, shared);
    expect(second).toBeLessThan(alone);
    await copyFile(painting, at('copy.png'));
    expect(await compiledFor({ styles: at('copy.png') }, shared)).toBe(alone);
    expect(await compiledFor({ styles: at('copy.png') }, shared)).toBe(second);
    shared.forget();
    expect(await compiledFor({ styles: at('copy.png') }, shared)).toBe(alone);
  });

  it('are read again where they could not be', async () => {
    const out = await outputFolder('again');
    const shared = new SharedPictures();
    const pictures = { content: photo, styles: at('later.png') };
    const options = { size: 48, scales: [48], iterations: 1 };
    const run = () =>
      runPart(stylize, { pictures, options, session, network, output: out('made.png') }, { shared });
    expect(await errorOf(run())).toMatchObject({ code: 'E_INPUT_MISSING' });
    await copyFile(painting, at('later.png'));
    expect((await run()).results).toHaveLength(1);
  });
});
