import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFilmTools } from '../../src/films/ffmpeg.node.js';
import { joinSegments } from '../../src/films/film-joining.node.js';
import { probeFilm } from '../../src/films/film-probe.node.js';
import type { FilmSegment, FrameRange } from '../../src/films/film-segments.js';
import { runFiles, runPart } from '../../src/jobs/run-files.node.js';
import type { SegmentOutcome } from '../../src/jobs/run-film.node.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { errorOf } from '../methods/method-runs.js';
import { withoutFfmpeg } from '../platform.js';
import { factsOf, ffmpeg, framesOf, toyStyleModel } from './toy-film.js';

const folder = await mkdtemp(join(tmpdir(), 'pastiche-segments-'));
const at = (...names: string[]): string => join(folder, ...names);
const runtime = createNativeRuntime({ threads: 1 });
afterAll(async () => {
  await runtime.dispose();
  await rm(folder, { recursive: true });
});

const ranges: readonly FrameRange[] = [{ from: 0, to: 9 }, { from: 9, to: 10 }, { from: 10 }];
/** Of a film of 24 frames there are none from here on. */
const beyond: FrameRange = { from: 30 };

/** Does segments of a film, each by itself; of those without frames there is nothing. */
async function segmentsOf(
  input: string,
  suffix: string,
  options: object,
  wanted: readonly FrameRange[],
  leadIn = 0,
): Promise<FilmSegment[]> {
  const segments: FilmSegment[] = [];
  for (const [index, range] of wanted.entries()) {
    const request = { network: at('toy.onnx'), runtime, options, quality: 95, pictures: { picture: input } };
    const path = at(`segment-${index}${suffix}`);
    const { results } = await runPart(
      'apply',
      { ...request, output: path },
      { segment: { ...range, leadIn } },
    );
    const { frames, times } = results[0]!.outcome as SegmentOutcome;
    expect(frames).toBe(Math.max(0, (range.to ?? 24) - range.from));
    if (frames > 0) segments.push({ path, ...times });
  }
  return segments;
}

const whole = (input: string, output: string, options: object): Promise<unknown> =>
  runFiles('apply', {
    ...{ network: at('toy.onnx'), runtime, options, quality: 95, pictures: { picture: input }, output },
  });

/** The mean difference of each frame of two films, of 255. */
function differences(one: string, other: string): number[] {
  const [a, b] = [framesOf(one), framesOf(other)];
  expect(a.length).toBe(b.length);
  const length = a.length / 24;
  return Array.from({ length: 24 }, (_, frame) => {
    let sum = 0;
    for (let i = frame * length; i < (frame + 1) * length; i++) sum += Math.abs(a[i]! - b[i]!);
    return sum / length;
  });
}

describe.skipIf(withoutFfmpeg)('a film in segments', () => {
  beforeAll(async () => {
    await writeFile(at('toy.onnx'), toyStyleModel());
    ffmpeg(
      `-f lavfi -i testsrc=size=64x48:rate=30000/1001:duration=0.8,gblur=sigma=3 -c:v libx264 -bf 0 -crf 8 -pix_fmt yuv420p ${at('moving.mp4')}`,
    );
    // Each frame is lighter than the one before it by more than encoding changes it.
    const lighter = 'geq=lum=40+7*N:cb=128+X/4:cr=128-Y/4';
    // Frames of different lengths, the first of which comes later than the sound.
    ffmpeg(
      `-f lavfi -i nullsrc=size=64x48:rate=25:duration=0.96,${lighter},setpts=PTS+0.3/TB+N*N*0.001/TB -f lavfi -i sine=duration=2 -c:v libx264 -bf 0 -crf 8 -pix_fmt yuv420p -fps_mode passthrough -c:a aac ${at('uneven.mkv')}`,
    );
  });

  it('is the one that is made in one piece, frame by frame, with its times and its sound', async () => {
    const [one, other] = [at('whole.mkv'), at('joined.mkv')];
    await whole(at('uneven.mkv'), one, { strength: 0 });
    const tools = await findFilmTools();
    const source = await probeFilm(tools, at('uneven.mkv'));
    const segments = await segmentsOf(source.path, '.mkv', { strength: 0 }, [...ranges, beyond]);
    await joinSegments({ tools, source, output: other }, segments);
    const [before, after] = [factsOf(one), factsOf(other)];
    expect(after).toEqual({ ...before, times: after.times, seconds: after.seconds });
    expect(after.sound).toBeDefined();
    expect(after.times).toHaveLength(24);
    for (const [index, time] of after.times.entries()) expect(time).toBeCloseTo(before.times[index]!, 2);
    if (!Number.isNaN(before.seconds)) expect(after.seconds).toBeCloseTo(before.seconds, 2);
    expect(Math.max(...differences(one, other))).toBeLessThan(3);
    expect((await readdir(folder)).filter((name) => name.includes('ffconcat'))).toEqual([]);
  });

  it('that is steady is nearly the same, the nearer the earlier a segment begins to look', async () => {
    const options = { steady: true, size: 40 };
    await whole(at('moving.mp4'), at('steady.mp4'), options);
    const frames = framesOf(at('steady.mp4'));
    const errors: number[] = [];
    for (const leadIn of [0, 8]) {
      const [half] = await segmentsOf(at('moving.mp4'), '.mp4', options, [{ from: 12 }], leadIn);
      const own = framesOf(half!.path);
      const first = own.subarray(0, own.length / 12);
      const place = frames.subarray(frames.length / 2);
      errors.push(first.reduce((sum, value, i) => sum + Math.abs(value - place[i]!), 0) / first.length);
    }
    expect(errors[1]!).toBeLessThan(errors[0]! / 2);
  });

  it('may not be one that names other files, whatever its suffix', async () => {
    await writeFile(at('list.mp4'), `#EXTM3U\n#EXTINF:1,\n${at('moving.mp4')}\n#EXT-X-ENDLIST\n`);
    await writeFile(at('concat.mkv'), `ffconcat version 1.0\nfile moving.mp4\n`);
    for (const name of ['list.mp4', 'concat.mkv'])
      expect(await errorOf(whole(at(name), at('out.mp4'), {}))).toMatchObject({ code: 'E_FILM_DECODE' });
  });
});
