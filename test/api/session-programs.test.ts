import { describe, expect, it } from 'vitest';
import { methodFunctions } from '../../src/api/method-functions.js';
import { Session } from '../../src/api/session.js';
import { blendStyles } from '../../src/networks/painting-style.js';
import { FakeProgram } from '../fake-runtime.js';
import { randomPicture } from '../methods/method-runs.js';
import { toyEnlargingModel } from '../networks/toy-enlarging-model.js';
import { toyAnyStyle } from '../toy-any-style.js';
import { toyStyleModel } from '../toy-style-model.js';
import { few } from './call-pictures.js';
import { CountingRuntime, toyPlatform, type ToyPlatform } from './toy-platform.js';

const [photograph, second, small] = [
  randomPicture(48, 40, 1),
  randomPicture(48, 40, 2),
  randomPicture(40, 36, 3),
];
const painting = randomPicture(40, 40, 4);

function setUp() {
  const platform = toyPlatform({
    loadAnyStyleModel: (name) => Promise.resolve({ name, weights: toyAnyStyle }),
  });
  return { platform, session: new Session(platform), ...methodFunctions(platform) };
}
/** Graphs that a call compiles on the first runtime, which is the session's. */
async function compiledFor({ runtimes }: ToyPlatform, call: () => PromiseLike<unknown>): Promise<number> {
  const before = runtimes[0]?.compiled ?? 0;
  await call();
  return runtimes[0]!.compiled - before;
}

describe('a session', () => {
  it('applies a network to pictures of one size with one graph, which changes nothing', async () => {
    const { platform, session, apply } = setUp();
    const model = toyStyleModel();
    const paint = (picture: typeof photograph, of = model, style = 'wave') =>
      apply({ model: of, picture, style: [style] }, { session });
    expect(await compiledFor(platform, () => paint(photograph))).toBe(1);
    const counts: number[] = [];
    const results: Float32Array[] = [];
    for (const [picture, style] of [
      [second, 'wave'],
      [second, 'udnie'],
      [photograph, 'wave'],
    ] as const) {
      counts.push(
        await compiledFor(platform, async () => {
          results.push((await paint(picture, model, style)).image.rgb);
        }),
      );
    }
    expect(counts).toEqual([0, 0, 0]);
    const alone = await apply({ model, picture: second, style: ['wave'] });
    expect(results[0]).toEqual(alone.image.rgb);
    expect(results[1]).not.toEqual(alone.image.rgb);
    // Another size, and another network of the same form, have graphs of their own; both sizes are known then.
    expect(await compiledFor(platform, () => paint(small))).toBe(1);
    expect(await compiledFor(platform, () => paint(small, toyStyleModel()))).toBe(1);
    expect(await compiledFor(platform, () => paint(small))).toBe(0);
    expect(await compiledFor(platform, () => paint(photograph))).toBe(0);
    await session.dispose();
  });

  it('paints after any painting with the graphs of the first time, also after a style that was read before', async () => {
    const { platform, session, stylize, style, apply } = setUp();
    const fast = (content: typeof photograph, styles: typeof painting) =>
      stylize({ content, styles, fast: true, network: toyAnyStyle } as never, { session });
    // The painting's code, and the picture.
    expect(await compiledFor(platform, () => fast(photograph, painting))).toBe(2);
    expect(await compiledFor(platform, () => fast(second, randomPicture(40, 40, 5)))).toBe(0);
    let read: Awaited<ReturnType<typeof style>>['style'];
    expect(
      await compiledFor(platform, async () => {
        ({ style: read } = await style({ painting: randomPicture(40, 40, 6) }, { session }));
      }),
    ).toBe(0);
    const apart = (): PromiseLike<unknown> =>
      apply({ model: blendStyles([read]), picture: second }, { session });
    expect(await compiledFor(platform, apart)).toBe(0);
    await session.dispose();
  });

  it('enlarges with the graphs of the first time', async () => {
    const { platform, session, enlarge } = setUp();
    const model = toyEnlargingModel();
    const larger = (picture: typeof photograph, factor: 2 | 4) =>
      enlarge({ picture, model, factor }, { session });
    expect(await compiledFor(platform, () => larger(photograph, 4))).toBe(1);
    expect(await compiledFor(platform, () => larger(second, 4))).toBe(0);
    expect(await compiledFor(platform, () => larger(second, 2))).toBe(0);
    await session.dispose();
  });

  it('keeps none where a call may not take the memory, and gives them up for a walk', async () => {
    const { platform, session, apply, stylize } = setUp();
    const model = toyStyleModel();
    const request = { model, picture: photograph, style: ['wave'] };
    const { memoryBytes } = await apply.plan(request, { session });
    const tight = { session, memoryLimit: 1.5 * memoryBytes };
    expect(await compiledFor(platform, () => apply(request, tight))).toBe(1);
    expect(await compiledFor(platform, () => apply(request, tight))).toBe(1);
    expect(session.programs.bytes).toBe(0);
    expect(await compiledFor(platform, () => apply(request, { session }))).toBe(1);
    expect(session.programs.bytes).toBeGreaterThan(0);
    // What was kept and what is to be done do not fit together: there is room, but it is compiled anew.
    expect(await compiledFor(platform, () => apply(request, tight))).toBe(1);
    await apply(request, { session });
    await stylize({ content: photograph, styles: painting, ...few }, { session });
    expect(session.programs.bytes).toBe(0);
    expect(await compiledFor(platform, () => apply(request, { session }))).toBe(1);
    await session.dispose();
  });

  it('frees them in the end, also on a runtime of the caller', async () => {
    const { platform, apply } = setUp();
    const runtime = new CountingRuntime();
    const freed: FakeProgram[] = [];
    const compile = runtime.compile.bind(runtime);
    runtime.compile = async (...given) => {
      const program = await compile(...given);
      const counted = new FakeProgram();
      freed.push(counted);
      return Object.assign(Object.create(program) as typeof program, {
        dispose: () => Promise.all([program.dispose(), counted.dispose()]).then(() => undefined),
      });
    };
    const request = { model: toyStyleModel(), picture: photograph, style: ['wave'] };
    const session = new Session(platform, { runtime });
    await apply(request, { session });
    expect(freed.map(({ disposals }) => disposals)).toEqual([0]);
    await session.dispose();
    await apply(request, { runtime });
    expect(freed.map(({ disposals }) => disposals)).toEqual([1, 1]);
    await runtime.dispose();
  });
});
