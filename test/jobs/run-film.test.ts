import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FilesRequest } from '../../src/jobs/files-request.js';
import { planFiles } from '../../src/jobs/plan-files.node.js';
import { runFiles } from '../../src/jobs/run-files.node.js';
import type { FilmOutcome } from '../../src/methods/method.js';
import type { Progress } from '../../src/methods/progress.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { factsOf, ffmpeg, framesOf, toyStyleModel } from '../films/toy-film.js';
import { canMount, withoutFfmpeg, withoutShell } from '../platform.js';

const folder = await mkdtemp(join(tmpdir(), 'pastiche-films-'));
const at = (...names: string[]): string => join(folder, ...names);
const runtime = createNativeRuntime({ threads: 1 });
afterAll(async () => {
  await runtime.dispose();
  await rm(folder, { recursive: true });
});

/** Without paint: what comes out is what went in, so frames can be compared. */
const unpainted = { strength: 0 };

async function paint(
  input: string,
  output: string,
  request: Partial<FilesRequest> = { options: unpainted },
): Promise<FilmOutcome> {
  const network = at('toy.onnx');
  const { results } = await runFiles('apply', {
    network,
    runtime,
    pictures: { picture: input },
    output,
    ...request,
  });
  return results[0]!.outcome as FilmOutcome;
}

/** The mean difference of two films' frames, of 255. */
function difference(one: string, other: string): number {
  const [a, b] = [framesOf(one), framesOf(other)];
  expect(a.length).toBe(b.length);
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

describe.skipIf(withoutFfmpeg)('a film', () => {
  beforeAll(async () => {
    await writeFile(at('toy.onnx'), toyStyleModel());
    ffmpeg(
      `-f lavfi -i testsrc=size=64x48:rate=30000/1001:duration=0.8,gblur=sigma=3 -f lavfi -i sine=duration=0.8 -c:v libx264 -bf 0 -crf 8 -pix_fmt yuv420p -c:a aac ${at('plain.mp4')}`,
    );
  });

  it('keeps its frames, their times, its length, its sound and its colours', async () => {
    const frames: Progress[] = [];
    const onProgress = (event: Progress): unknown => event.type === 'frame' && frames.push(event);
    const outcome = await paint(at('plain.mp4'), at('same.mp4'), {
      options: unpainted,
      onProgress,
      quality: 95,
    });
    const [before, after] = [factsOf(at('plain.mp4')), factsOf(at('same.mp4'))];
    expect(outcome).toEqual({ stopped: 'finished', frames: 24, cuts: 0 });
    expect(frames.map((event) => 'frame' in event && [event.frame, event.frames])).toEqual(
      Array.from({ length: 24 }, (_, i) => [i + 1, 24]),
    );
    expect(after).toEqual(before);
    expect(after).toMatchObject({ width: 64, height: 48, rate: '30000/1001', sound: 'aac' });
    expect(difference(at('plain.mp4'), at('same.mp4'))).toBeLessThan(3);
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is painted, at another size too, and is the same each time', async () => {
    const options = { size: 40 };
    await paint(at('plain.mp4'), at('painted.mp4'), { options });
    await paint(at('plain.mp4'), at('again.mp4'), { options });
    expect(factsOf(at('painted.mp4'))).toMatchObject({ width: 40, height: 30 });
    expect(framesOf(at('again.mp4')).equals(framesOf(at('painted.mp4')))).toBe(true);
    ffmpeg(`-i ${at('plain.mp4')} -vf scale=40:30 -crf 8 ${at('small.mp4')}`);
    expect(difference(at('painted.mp4'), at('small.mp4'))).toBeGreaterThan(10);
  });

  it.each(['mp4', 'mkv'])('without a fixed rate loses no frame and gains none, in .%s', async (suffix) => {
    const input = at(`variable-${suffix}.mp4`);
    ffmpeg(
      `-f lavfi -i testsrc=size=64x48:rate=30:duration=2 -vf select='lt(n,8)+not(mod(n,7))' -fps_mode vfr -c:v libx264 -bf 0 ${input}`,
    );
    const output = at(`variable-out.${suffix}`);
    await paint(input, output);
    const [before, after] = [factsOf(input), factsOf(output)];
    expect(before.times.length).toBe(15);
    expect(after.times.length).toBe(15);
    for (const [i, time] of after.times.entries())
      expect(Math.abs(time - before.times[i]!)).toBeLessThan(0.002);
    if (suffix === 'mp4') expect(after.seconds).toBeCloseTo(before.seconds, 3);
  });

  it('that begins later than its sound goes on doing so', async () => {
    ffmpeg(
      `-f lavfi -i testsrc=size=64x48:rate=10:duration=1 -f lavfi -i sine=duration=2 -filter_complex [0:v]setpts=PTS+1/TB[v] -map [v] -map 1:a -fps_mode passthrough -c:v libx264 -bf 0 ${at('late.mkv')}`,
    );
    await paint(at('late.mkv'), at('late-out.mkv'));
    const start = (path: string): number =>
      Number(
        execFileSync('ffprobe', [
          '-v',
          'error',
          '-select_streams',
          'v',
          '-show_entries',
          'stream=start_time',
          '-of',
          'csv=p=0',
          path,
        ]),
      );
    expect(start(at('late.mkv'))).toBeGreaterThan(0.9);
    expect(start(at('late-out.mkv'))).toBeCloseTo(start(at('late.mkv')), 2);
  });

  it('that is turned is upright', async () => {
    // Versions from 6.1 on take the rotation as an option, those before as metadata.
    ffmpeg(`-i ${at('plain.mp4')} -c copy -metadata:s:v rotate=90 ${at('turned.mp4')}`);
    if (framesOf(at('turned.mp4')).equals(framesOf(at('plain.mp4'))))
      ffmpeg(`-display_rotation -90 -i ${at('plain.mp4')} -c copy ${at('turned.mp4')}`);
    await paint(at('turned.mp4'), at('upright.mp4'), { options: unpainted, quality: 95 });
    expect(factsOf(at('turned.mp4'))).toMatchObject({ width: 64, height: 48 });
    expect(factsOf(at('upright.mp4'))).toMatchObject({ width: 48, height: 64 });
    // ffmpeg turns the one and finds nothing to turn in the other.
    expect(difference(at('turned.mp4'), at('upright.mp4'))).toBeLessThan(4);
  });

  it.each([
    ['mp4', 64, 48],
    ['webm', 63, 47],
    ['gif', 63, 47],
  ])('of odd sides becomes .%s', async (suffix, width, height) => {
    ffmpeg(
      `-f lavfi -i testsrc=size=63x47:rate=10:duration=0.5,gblur=sigma=3 -c:v libx264 -pix_fmt yuv444p ${at('odd.mp4')}`,
    );
    const output = at(`odd-out.${suffix}`);
    await paint(at('odd.mp4'), output);
    expect(factsOf(output)).toMatchObject({ width, height });
    expect(factsOf(output).times).toHaveLength(5);
    if (suffix !== 'mp4') expect(difference(at('odd.mp4'), output)).toBeLessThan(12);
  });

  it('that is an animated GIF is one; as a picture it is its first frame', async () => {
    ffmpeg(`-f lavfi -i testsrc=size=64x48:rate=10:duration=0.5 ${at('moving.gif')}`);
    await paint(at('moving.gif'), at('moving.mp4'));
    expect(factsOf(at('moving.mp4')).times).toHaveLength(5);
    const outcome = await paint(at('moving.gif'), at('still.png'));
    expect(outcome).not.toHaveProperty('frames');
  });

  it('has sound that its container can take', async () => {
    ffmpeg(
      `-f lavfi -i testsrc=size=64x48:rate=10:duration=0.5 -f lavfi -i sine=duration=0.5 -c:v libx264 -c:a pcm_s16le ${at('pcm.avi')}`,
    );
    await paint(at('pcm.avi'), at('pcm.mp4'));
    expect(factsOf(at('pcm.mp4'))).toMatchObject({ sound: 'aac' });
    await paint(at('pcm.avi'), at('pcm.webm'));
    expect(factsOf(at('pcm.webm'))).toMatchObject({ sound: 'opus' });
  });

  it('is planned, and done beside pictures', async () => {
    const request = { network: at('toy.onnx'), runtime };
    const plan = await planFiles('apply', {
      ...request,
      pictures: { picture: at('plain.mp4') },
      output: at('no.mp4'),
    });
    expect(plan.files).toMatchObject([{ plan: { width: 64, height: 48 } }]);
    ffmpeg(`-f lavfi -i testsrc=size=64x48 -frames:v 1 ${at('one.png')}`);
    const picture = [at('one.png'), at('plain.mp4'), at('pcm.avi')];
    const { results } = await runFiles('apply', { ...request, pictures: { picture }, output: at('several') });
    expect(results).toHaveLength(3);
    expect((await readdir(at('several'))).sort()).toEqual(['one.png', 'pcm.mp4', 'plain.mp4']);
  });

  it('keeps what is done when it is stopped, with as much of its sound', async () => {
    const controller = new AbortController();
    const outcome = await paint(at('plain.mp4'), at('stopped.mp4'), {
      options: unpainted,
      signal: controller.signal,
      onProgress: (event) => event.type === 'frame' && event.frame === 7 && controller.abort(),
    });
    expect(outcome).toMatchObject({ stopped: 'cancelled', frames: 7 });
    const facts = factsOf(at('stopped.mp4'));
    expect(facts.times).toHaveLength(7);
    expect(facts.sound).toBe('aac');
    expect(framesOf(at('stopped.mp4'))).toHaveLength(7 * 3 * 64 * 48);
  });

  it('is left alone when it is stopped before the first frame', async () => {
    await expect(
      paint(at('plain.mp4'), at('never.mp4'), { signal: AbortSignal.abort(), options: unpainted }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readdir(folder)).not.toContain('never.mp4');
  });

  it('with a broken part goes on, and says so', async () => {
    ffmpeg(`-f lavfi -i testsrc2=size=96x64:rate=25:duration=2 -c:v libx264 -g 10 -bf 0 ${at('whole.mp4')}`);
    const bytes = await readFile(at('whole.mp4'));
    bytes.fill(0x5a, Math.floor(bytes.length * 0.4), Math.floor(bytes.length * 0.5));
    await writeFile(at('broken.mp4'), bytes);
    const warnings: string[] = [];
    const onProgress = (event: Progress): unknown => event.type === 'warning' && warnings.push(event.message);
    const outcome = await paint(at('broken.mp4'), at('broken-out.mp4'), { options: unpainted, onProgress });
    expect(outcome.frames).toBeGreaterThan(25);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/Parts of ".*broken\.mp4" are broken/);
    expect(factsOf(at('broken-out.mp4')).times).toHaveLength(outcome.frames);
  });

  it('that is none is refused', async () => {
    await writeFile(at('empty.mp4'), '');
    await writeFile(at('text.mkv'), 'no film at all');
    ffmpeg(`-f lavfi -i sine=duration=0.5 ${at('sound.mp4')}`);
    for (const [name, text] of [
      ['empty.mp4', /can't be read as a film/],
      ['text.mkv', /can't be read as a film/],
      ['sound.mp4', /has no pictures/],
    ] as const) {
      const refused = paint(at(name), at('refused.mp4'));
      await expect(refused).rejects.toMatchObject({
        code: 'E_FILM_DECODE',
        message: expect.stringMatching(text),
      });
    }
    await expect(paint(at('nowhere.mp4'), at('refused.mp4'))).rejects.toMatchObject({
      code: 'E_INPUT_MISSING',
    });
    expect(await readdir(folder)).not.toContain('refused.mp4');
  });

  it('can go where films can', async () => {
    const refusals: [string, Partial<FilesRequest>, string][] = [
      ['out.png', {}, 'E_FILM_FORMAT'],
      ['out.ogv', {}, 'E_FILM_FORMAT'],
      ['nowhere/out.mp4', {}, 'E_OUTPUT'],
      ['plain.mp4', {}, 'E_ARGUMENT'],
      ['out.mp4', { bitDepth: 16 }, 'E_ARGUMENT'],
      ['out.mp4', { maxPixels: 100 }, 'E_IMAGE_SIZE'],
    ];
    for (const [name, request, code] of refusals)
      await expect(
        paint(at('plain.mp4'), at(name), { options: unpainted, ...request }),
      ).rejects.toMatchObject({ code });
  });

  it.skipIf(!canMount())('whose disk fills up keeps what is done', async () => {
    ffmpeg(
      `-f lavfi -i testsrc2=size=320x240:rate=25:duration=8,noise=alls=60:allf=t -crf 30 ${at('noise.mp4')}`,
    );
    await mkdir(at('disk'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', at('disk')]);
    try {
      const refused = paint(at('noise.mp4'), at('disk', 'out.mp4'), { options: unpainted, quality: 95 });
      await expect(refused).rejects.toMatchObject({
        code: 'E_OUTPUT',
        message: expect.stringContaining('the disk is full'),
        remedy: expect.stringMatching(/The first \d+ frames are in .* and play/),
      });
      expect(await readdir(at('disk'))).toEqual(['out.mp4']);
      expect(framesOf(at('disk', 'out.mp4')).length).toBeGreaterThan(3 * 3 * 320 * 240);
    } finally {
      execFileSync('umount', [at('disk')]);
    }
  });

  it.skipIf(withoutShell)('needs an encoder', async () => {
    const script = (real: string, filter: string): string => `#!/bin/sh\nexec ${real} "$@" ${filter}\n`;
    await mkdir(at('poor'));
    await writeFile(at('poor', 'ffmpeg'), `#!/bin/sh\nffmpeg "$@" | grep -v libx264\n`);
    await writeFile(at('poor', 'ffprobe'), script('ffprobe', ''));
    for (const name of ['ffmpeg', 'ffprobe']) await chmod(at('poor', name), 0o755);
    vi.stubEnv('PASTICHE_FFMPEG', at('poor', 'ffmpeg'));
    try {
      await expect(paint(at('plain.mp4'), at('out.mp4'))).rejects.toMatchObject({
        code: 'E_FFMPEG',
        message: expect.stringContaining('libx264'),
      });
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('without ffmpeg', () => {
  it('a film is refused, with how to install it', async () => {
    await writeFile(at('toy.onnx'), toyStyleModel());
    await writeFile(at('any.mp4'), '');
    vi.stubEnv('PASTICHE_FFMPEG', at('nowhere', 'ffmpeg'));
    try {
      await expect(paint(at('any.mp4'), at('out.mp4'))).rejects.toMatchObject({
        code: 'E_FFMPEG',
        message: expect.stringContaining('there is no program'),
        remedy: expect.stringContaining('apt install ffmpeg'),
      });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('there is nothing steady about a picture', async () => {
    const refused = paint(at('any.png'), at('out.png'), { options: { steady: true } });
    await expect(refused).rejects.toMatchObject({ code: 'E_ARGUMENT', option: 'steady' });
  });
});
