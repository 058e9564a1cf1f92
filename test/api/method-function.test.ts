import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/api/platform.node.js';
import { methodFunctions } from '../../src/api/method-functions.js';
import type { StyleError } from '../../src/errors.js';
import { decodeImage, encodeImage } from '../../src/images/codec.node.js';
import { createImage, type Image } from '../../src/images/image.js';
import { matchColors as transfer } from '../../src/images/color-matching.js';
import type { IterationProgress, Progress } from '../../src/methods/progress.js';
import { runFiles } from '../../src/jobs/run-files.node.js';
import { gramStylization } from '../../src/methods/stylize/gram-method.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { errorOf, planMethod, randomPicture, runMethod } from '../methods/method-runs.js';
import { readToyWeights } from '../toy-weights.js';
import { few, makeCallPictures } from './call-pictures.js';
import { toyPlatform } from './toy-platform.js';

const { folder, content, painting, photo, painted } = await makeCallPictures();
const weights = await readToyWeights();

const pixelsOf = ({ width, height, rgb }: Image) => ({ width, height, rgb: [...rgb] });

describe('a call', () => {
  it('gives to the last bit what the method gives, with all that was decided on the way', async () => {
    const runtime = createNativeRuntime({ threads: 1 });
    const direct = await runMethod(
      gramStylization,
      { runtime, weights },
      { content, styles: [painting] },
      few,
    );
    await runtime.dispose();
    const platform = toyPlatform();
    const { stylize } = methodFunctions(platform);
    const result = await stylize({ content, styles: [painting], ...few });
    expect(pixelsOf(result.image)).toEqual(pixelsOf(direct.image));
    expect(result).toMatchObject({
      ...{ losses: direct.losses, iterations: 4, evaluations: direct.evaluations, stopped: 'finished' },
      ...{
        network: 'toy',
        settings: stylize.name === '' ? {} : { method: 'gram', scales: [24, 32], seed: 0 },
      },
    });
    expect(result.settings).toEqual({ method: 'gram', ...gramStylization.resolve(few) });
    expect(result.seconds).toBeGreaterThan(0);
    // What the call started it ended.
    expect(platform.runtimes.map(({ disposals }) => disposals)).toEqual([1]);
    expect(platform.loaded).toEqual([undefined]);
  });

  it('takes pictures from paths, addresses, bytes and memory', async () => {
    const { stylize } = methodFunctions(toyPlatform());
    const options = { ...few, scales: [24], iterations: 1 };
    const bytes = new Uint8Array(await encodeImage(painting, 'png'));
    const expected = pixelsOf((await stylize({ content, styles: painting, ...options })).image);
    for (const [from, after] of [
      [photo, painted],
      [pathToFileURL(photo), [bytes]],
      [content, [bytes.buffer]],
      [photo, [pathToFileURL(painted)]],
    ] as const) {
      const { image } = await stylize({ content: from, styles: after as typeof painted, ...options });
      expect(pixelsOf(image)).toEqual(expected);
    }
  });

  it('takes one picture or several where there may be several, and words where they may be', async () => {
    const { stylize } = methodFunctions(toyPlatform());
    const options = { ...few, scales: [24], iterations: 1 };
    const half = createImage(
      40,
      32,
      content.rgb.map((_, i) => (i % 40 < 20 ? 0 : 1)),
    );
    const two = { content, styles: [painting, content], contentMask: half, styleMasks: ['black', 'white'] };
    const { settings } = await stylize({ ...two, styleBlend: [2, 1], ...options });
    expect(settings).toMatchObject({ styleBlend: [2, 1] });
    expect(await errorOf(stylize({ ...two, styleMasks: ['black', 'all that'], ...options }))).toMatchObject({
      code: 'E_INPUT_MISSING',
    });
    const started = await stylize({ content, styles: painting, initial: painting, ...options });
    expect(started.settings).toMatchObject({ init: 'picture' });
  });

  it('computes with weights in memory, and with a runtime that is given, which it leaves alone', async () => {
    const platform = toyPlatform();
    const { reconstruct } = methodFunctions(platform);
    const runtime = createNativeRuntime({ threads: 1 });
    const request = { picture: content, layer: 'relu1_1', iterations: 1 };
    const result = await reconstruct({ ...request, network: weights }, { runtime });
    expect(result.network).toBe('toy.safetensors');
    expect([platform.runtimes, platform.loaded]).toEqual([[], []]);
    // It is still there.
    expect((await reconstruct({ ...request, network: weights }, { runtime })).image).toEqual(result.image);
    await runtime.dispose();
  });

  it('needs neither network nor runtime where the method needs none', async () => {
    const platform = toyPlatform();
    const { matchColors } = methodFunctions(platform);
    const { image, network, settings } = await matchColors({
      picture: photo,
      reference: painting,
      strength: 0.5,
    });
    expect(pixelsOf(image)).toEqual(pixelsOf(transfer(content, painting, { strength: 0.5 })));
    expect(network).toBe(undefined);
    expect(settings).toMatchObject({ mode: 'affine', strength: 0.5 });
    expect([platform.runtimes, platform.loaded]).toEqual([[], []]);
  });

  it('gives a picture that can be encoded and written, and only where it is one', async () => {
    const { matchColors, evaluate } = methodFunctions(toyPlatform());
    const result = await matchColors({ picture: content, reference: painting });
    const round = (values: Float32Array) => [...values].map((value) => Math.round(value * 255));
    const png = await decodeImage(new Uint8Array(await result.encode('png')), 'a.png');
    expect(round(png.rgb)).toEqual(round(result.image.rgb));
    const output = join(folder, 'out.png');
    await result.write(output);
    const written = await matchColors({ picture: output, reference: painting, strength: 0 });
    expect(round(written.image.rgb)).toEqual(round(result.image.rgb));
    for (const [path, options, code] of [
      ['out.bmp', {}, 'E_IMAGE_FORMAT'],
      ['out.jpg', { bitDepth: 16 }, 'E_ARGUMENT'],
      ['no-folder/out.png', {}, 'E_OUTPUT'],
    ] as const) {
      expect(await errorOf(result.write(join(folder, path), options))).toMatchObject({ code });
    }
    expect((await readdir(folder)).sort()).toEqual(['out.png', 'painting.png', 'photo.png']);
    const measured = await evaluate({ picture: content, content, style: painting });
    expect(measured).not.toHaveProperty('write');
    expect(measured.style.relative).toBeGreaterThan(0);
  });
});

describe('the file of a result', () => {
  const said = async (file: string | Uint8Array): Promise<string> =>
    (await sharp(file).metadata()).exif!.toString('latin1');

  it('says what the file of the command says of how it was made', async () => {
    const runtime = createNativeRuntime({ threads: 1 });
    const place = await mkdtemp(join(tmpdir(), 'pastiche-said-'));
    const [own, called] = [join(place, 'own.png'), join(place, 'called.png')];
    const pictures = { content: photo, styles: [painted] };
    await runFiles('stylize', { pictures, options: few, output: own, runtime, network: 'pastiche-vgg' });
    const { stylize } = methodFunctions(nodePlatform);
    const result = await stylize({ ...pictures, ...few, network: 'pastiche-vgg' }, { runtime });
    await result.write(called);
    expect(await said(own)).toContain('photo.png after painting.png; network pastiche-vgg, 4 iterations');
    expect(await said(called)).toBe(await said(own));
    expect(await said(await result.encode('webp'))).toContain('photo.png after painting.png');
    await rm(place, { recursive: true });
    await runtime.dispose();
  });

  it('names pictures in memory by what they are for, and says something else where that is wanted', async () => {
    const { matchColors } = methodFunctions(toyPlatform());
    const result = await matchColors({ picture: content, reference: painting });
    expect(await said(await result.encode('png'))).toContain('picture with the colours of reference');
    const metadata = { software: 'another', description: 'nothing' };
    const other = await said(await result.encode('png', { metadata }));
    expect(other).toContain('nothing');
    expect(other).not.toContain('Pastiche');
  });
});

describe('a call that goes on', () => {
  it('tells its listener and who follows it the same, from its plan on', async () => {
    const { stylize } = methodFunctions(toyPlatform());
    const [heard, followed]: [Progress[], Progress[]] = [[], []];
    const run = stylize({ content, styles: painting, ...few }, { onProgress: (event) => heard.push(event) });
    const pictures: Image[] = [];
    for await (const event of run) {
      followed.push(event);
      if (event.type === 'iteration') pictures.push(event.image());
    }
    expect(followed).toEqual(heard);
    const plan = planMethod(gramStylization, weights, { content, styles: [painting] }, few);
    expect(heard[0]).toEqual({ type: 'picture', index: 0, count: 1, input: 'content', plan });
    expect(pictures).toHaveLength(4);
    const { image, curve } = await run;
    expect(curve).toHaveLength(4);
    expect(pixelsOf(pictures.at(-1)!)).toEqual(pixelsOf(image));
  });

  it('waits for a slow loop, so that what is asked of an event is of its step', async () => {
    const { stylize } = methodFunctions(toyPlatform());
    const request = { content, styles: painting, ...few };
    const heard: { image: Image; state: Uint8Array }[] = [];
    await stylize(request, {
      onProgress: (event) =>
        event.type === 'iteration' && heard.push({ image: event.image(), state: event.state() }),
    });
    const late: Image[] = [];
    const events: IterationProgress[] = [];
    let state = new Uint8Array();
    const run = stylize(request, {
      // One that takes its time as well.
      onProgress: async (event) => {
        await setTimeout(5);
        if (event.type === 'iteration') expect(event.image()).toEqual(heard[event.iteration - 1]!.image);
      },
    });
    for await (const event of run) {
      if (event.type !== 'iteration') continue;
      // Long enough for all the steps of this size.
      await setTimeout(60);
      late.push(event.image());
      if (event.iteration === 3) state = new Uint8Array(event.state());
      events.push(event);
    }
    expect(late.map(pixelsOf)).toEqual(heard.map(({ image }) => pixelsOf(image)));
    const { image } = await run;
    expect(pixelsOf((await stylize(request, { resume: state })).image)).toEqual(pixelsOf(image));
    for (const event of events) {
      for (const ask of [event.image, event.state]) {
        expect(() => ask()).toThrow(`iteration ${event.iteration} was called when the run had gone on`);
      }
    }
  });

  it('fails with the error of a listener that the run waits for', async () => {
    const { stylize } = methodFunctions(toyPlatform());
    const own = new Error('mine');
    const onProgress = async ({ type }: Progress): Promise<void> => {
      await setTimeout(1);
      if (type === 'iteration') throw own;
    };
    expect(await errorOf(stylize({ content, styles: painting, ...few }, { onProgress }))).toBe(own);
  });

  it('that is ended has no result before the first step, and the best so far later on', async () => {
    const platform = toyPlatform();
    const { stylize, match } = methodFunctions(platform);
    const request = { content, styles: painting, ...few };
    const reason = new Error('enough');
    for (const run of [
      stylize(request, { signal: AbortSignal.abort(reason) }),
      match({ picture: content, reference: painting }, { signal: AbortSignal.abort(reason) }),
    ]) {
      expect(await errorOf(run)).toMatchObject({ name: 'AbortError', cause: reason });
    }
    const stop = new AbortController();
    const stopped = await stylize(request, {
      signal: stop.signal,
      onProgress: (event) => event.type === 'iteration' && event.iteration === 3 && stop.abort(),
    });
    expect(stopped).toMatchObject({ stopped: 'cancelled', iterations: 3, image: { width: 32, height: 26 } });
    expect(platform.runtimes.every(({ disposals }) => disposals === 1)).toBe(true);
  });

  it('goes on from the bytes of a state, and from its file', async () => {
    const { stylize } = methodFunctions(toyPlatform());
    const request = { content, styles: painting, ...few };
    let state = new Uint8Array();
    const whole = await stylize(request, {
      onProgress: (event) => {
        if (event.type === 'iteration' && event.iteration === 3) state = new Uint8Array(event.state());
      },
    });
    const path = join(folder, 'run.state.safetensors');
    await writeFile(path, state);
    for (const resume of [state, path, pathToFileURL(path)]) {
      const { image, evaluations } = await stylize(request, { resume });
      expect(pixelsOf(image)).toEqual(pixelsOf(whole.image));
      expect(evaluations).toBe(whole.evaluations);
    }
    await rm(path);
    const refused = async (resume: Uint8Array | string | URL, more: object = {}) =>
      errorOf(stylize({ ...request, ...more }, { resume }));
    expect(await refused(path)).toMatchObject({ code: 'E_INPUT_MISSING', option: 'resume' });
    expect(await refused(folder)).toMatchObject({ option: 'resume' });
    expect(await refused(new URL('https://example.com/a'))).toMatchObject({ code: 'E_ARGUMENT' });
    expect(await refused(new Uint8Array(9))).toMatchObject({ code: 'E_STATE', option: 'resume' });
    expect(await refused(state, { styleWeight: 2 })).toMatchObject({ code: 'E_STATE' });
  });
});

describe('what a call would take', () => {
  it('is planned without doing it', async () => {
    const platform = toyPlatform();
    const { stylize, matchColors } = methodFunctions(platform);
    const plan = await stylize.plan({ content: photo, styles: painting, ...few });
    expect(plan).toEqual(planMethod(gramStylization, weights, { content, styles: [painting] }, few));
    expect(platform.runtimes.map(({ compiled, disposals }) => [compiled, disposals])).toEqual([[0, 1]]);
    expect(await matchColors.plan({ picture: content, reference: painting })).toMatchObject({
      scales: [],
      operations: 0,
    });
    expect(await errorOf(stylize.plan({ content: photo } as never))).toMatchObject({ option: 'styles' });
  });

  it('is refused where there is not as much memory, with a size that fits', async () => {
    const { stylize, reconstruct } = methodFunctions(toyPlatform());
    const large = { content: randomPicture(800, 600, 5), styles: painting, size: 800, iterations: 1 };
    // In the smallest windows.
    const { memoryBytes } = await stylize.plan(large, { memoryLimit: 1 });
    const events: Progress[] = [];
    const memoryLimit = memoryBytes * 0.9;
    const run = stylize(large, { memoryLimit, onProgress: (event) => events.push(event) });
    const error = (await errorOf(run)) as StyleError;
    expect(error).toMatchObject({ code: 'E_MEMORY', option: 'size' });
    expect(events).toEqual([]);
    const size = Number(/^Use the size (\d+), which fits/.exec(error.remedy)![1]);
    const fits = async (one: number) =>
      (await stylize.plan({ ...large, size: one }, { memoryLimit })).memoryBytes <= memoryLimit;
    expect([await fits(size), await fits(size + 16)]).toEqual([true, false]);
    const none = await errorOf(reconstruct({ picture: content }, { memoryLimit: 1e6 }));
    expect(none).toMatchObject({ code: 'E_MEMORY', option: undefined });
  });
});
