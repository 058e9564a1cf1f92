import { describe, expect, it } from 'vitest';
import { methodFunctions } from '../../src/api/method-functions.js';
import { Session } from '../../src/api/session.js';
import { matchColors } from '../../src/methods/match-colors/match-colors-method.js';
import { reconstruct } from '../../src/methods/reconstruct/reconstruct-method.js';
import { FakeRuntime } from '../fake-runtime.js';
import { errorOf, randomPicture, thrownBy } from '../methods/method-runs.js';
import { readToyWeights } from '../toy-weights.js';
import { toyPlatform, type ToyPlatform } from './toy-platform.js';

const picture = randomPicture(24, 20, 1);
const request = { picture, layer: 'relu1_1', iterations: 1 };

describe('a session', () => {
  it('has one runtime, started at its first use', () => {
    const platform = toyPlatform();
    const session = new Session(platform, { threads: 3, device: 'cpu' });
    expect(platform.runtimes).toHaveLength(0);
    expect(session.runtime).toBe(session.runtime);
    expect(platform.devices).toEqual([{ threads: 3, device: 'cpu' }]);
  });

  it('uses a runtime that is given, and leaves it alone', async () => {
    const platform = toyPlatform();
    const runtime = new FakeRuntime();
    const session = new Session(platform, { runtime });
    expect(session.runtime).toBe(runtime);
    await session.dispose();
    expect([platform.runtimes.length, runtime.disposals]).toEqual([0, 0]);
  });

  it('loads each network once, also for two that ask at the same time', async () => {
    const platform = toyPlatform();
    const session = new Session(platform);
    const [first, second] = await Promise.all([session.network('toy'), session.network('toy')]);
    expect(second).toBe(first);
    expect(await session.network()).not.toBe(first);
    expect(platform.loaded).toEqual(['toy', undefined]);
  });

  it('looks again for a network that was not there', async () => {
    let there = false;
    const weights = await readToyWeights();
    const session = new Session(
      toyPlatform({
        loadNetwork: (name) =>
          there ? Promise.resolve({ name: name!, weights }) : Promise.reject(new Error('not there')),
      }),
    );
    expect(await errorOf(session.network('late'))).toMatchObject({ message: 'not there' });
    there = true;
    expect(await session.network('late')).toMatchObject({ name: 'late' });
  });

  it('takes weights in memory as they are, under their name', async () => {
    const platform = toyPlatform();
    const weights = await readToyWeights();
    const found = await new Session(platform).network(weights);
    expect(found.weights).toBe(weights);
    expect(found.name).toBe(weights.source.name);
    expect(platform.loaded).toEqual([]);
  });

  it.each([0, -1, 1.5, NaN, Infinity, 1025, '2'])('refuses %j threads at once', (threads) => {
    const error = thrownBy(() => new Session(toyPlatform(), { threads: threads as number }));
    expect(error).toMatchObject({
      ...{ code: 'E_ARGUMENT', option: 'threads' },
      message: `The number of threads can't be ${threads}.`,
    });
  });

  it.each([undefined, 1, 2, 1024])('takes %j threads', (threads) => {
    expect(new Session(toyPlatform(), { threads })).toBeInstanceOf(Session);
  });

  it('refuses a device before it reads weights', async () => {
    const platform = toyPlatform({
      createRuntime: () => {
        throw new Error('no such device');
      },
    });
    const session = new Session(platform, { device: 'cuda' });
    const error = await errorOf(session.prepare(reconstruct, {}, { picture: 1 }));
    expect(error).toMatchObject({ message: 'no such device' });
    expect(platform.loaded).toEqual([]);
  });

  it('checks options before it starts anything, and starts nothing for a method without a network', async () => {
    const platform = toyPlatform();
    const session = new Session(platform);
    const error = await errorOf(session.prepare(reconstruct, { size: -1 }, { picture: 1 }));
    expect(error).toMatchObject({ code: 'E_ARGUMENT', option: 'size' });
    const { network, settings } = await session.prepare(matchColors, {}, { picture: 1, reference: 1 });
    expect(network).toBe(undefined);
    expect(settings).toMatchObject({ strength: 1 });
    expect([platform.runtimes, platform.loaded]).toEqual([[], []]);
  });
});

describe('the end of a session', () => {
  const disposals = ({ runtimes }: ToyPlatform): number[] => runtimes.map(({ disposals: times }) => times);

  it('frees its runtime, once, and starts none afterwards', async () => {
    const platform = toyPlatform();
    const session = new Session(platform);
    void session.runtime;
    await session.dispose();
    await session.dispose();
    expect(disposals(platform)).toEqual([1]);
    expect(thrownBy(() => session.runtime)).toMatchObject({ code: 'E_RUNTIME' });
    const { reconstruct: call } = methodFunctions(platform);
    expect(await errorOf(call(request, { session }))).toMatchObject({ code: 'E_RUNTIME' });
    expect(disposals(platform)).toEqual([1]);
  });

  it('is that of its block', async () => {
    const platform = toyPlatform();
    {
      await using session = methodFunctions(platform).createSession();
      void session.runtime;
      expect(disposals(platform)).toEqual([0]);
    }
    expect(disposals(platform)).toEqual([1]);
  });

  it('of one that was never used is nothing', async () => {
    const platform = toyPlatform();
    await new Session(platform).dispose();
    expect(platform.runtimes).toEqual([]);
  });
});

describe('calls', () => {
  it('in a session share its runtime and its network, and leave both to it', async () => {
    const platform = toyPlatform();
    const { reconstruct: call, createSession } = methodFunctions(platform);
    const session = createSession();
    const [first, second] = await Promise.all([call(request, { session }), call(request, { session })]);
    expect(second.image).toEqual(first.image);
    await call({ ...request, network: 'toy' }, { session });
    expect(platform.loaded).toEqual([undefined, 'toy']);
    expect(platform.runtimes.map(({ disposals }) => disposals)).toEqual([0]);
    await session.dispose();
    expect(platform.runtimes.map(({ disposals }) => disposals)).toEqual([1]);
  });

  it('of their own start and end what each needs', async () => {
    const platform = toyPlatform();
    const { reconstruct: call } = methodFunctions(platform);
    await call(request, { threads: 1 });
    await call(request);
    expect(platform.runtimes.map(({ disposals }) => disposals)).toEqual([1, 1]);
    expect(platform.devices).toEqual([
      { device: undefined, threads: 1 },
      { device: undefined, threads: undefined },
    ]);
    expect(platform.loaded).toEqual([undefined, undefined]);
  });
});
