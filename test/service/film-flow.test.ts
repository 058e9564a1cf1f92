import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runFiles } from '../../src/jobs/run-files.node.js';
import { filmParts, isFilmName, segmentsOf } from '../../src/service/film-flow.js';
import type { Job, JobList } from '../../src/service/job.js';
import type { StoredJob } from '../../src/service/job-store.js';
import { factsOf, ffmpeg, framesOf } from '../films/toy-film.js';
import { withoutFfmpeg } from '../platform.js';
import { endedAfterAll, startShortWorker, type RunningProgram } from './queue-workers.js';
import { startS3rver, useS3 } from './s3-servers.js';
import { RedisServer, withoutRedis } from './redis-server.js';
import { form, hasEnded, jobWith, newFolder, pictureBytes, startService } from './service-run.js';

const request = { method: 'apply', options: {}, suffix: '.mp4', pictures: {} };

describe('a film as jobs', () => {
  it('has each of its frames in one segment, whatever it says of how many there are', () => {
    for (const [frames, least, most] of [
      [1, 240, 200],
      [240, 240, 200],
      [241, 240, 200],
      [100_000, 240, 200],
      [undefined, 240, 200],
      [50, 7, 0],
    ] as const) {
      const parts = filmParts(request, frames, { least, most });
      expect(parts.at(-1)!.film).toEqual({ join: true });
      expect(parts.length - 1).toBeLessThanOrEqual(Math.max(1, most));
      const segments = parts.slice(0, -1).map(({ film }) => film as { from: number; to?: number });
      expect(segments[0]!.from).toBe(0);
      for (const [index, { to }] of segments.entries()) expect(to).toBe(segments[index + 1]?.from);
    }
    const steady = filmParts({ ...request, options: { steady: true } }, 9, { least: 5, most: 9 });
    expect(steady[1]!.film).toMatchObject({ from: 5, leadIn: 20 });
  });

  it('is one by its name, an animated GIF where a film is wanted', () => {
    expect(['a.mp4', 'a.MKV', 'a.gif', 'a.png'].map((name) => isFilmName(name, undefined))).toEqual([
      ...[true, true, false, false],
    ]);
    expect(['gif', 'mp4', 'png'].map((format) => isFilmName('a.gif', format))).toEqual([true, true, false]);
  });

  it('is joined from all of its segments, or not at all', () => {
    const child = (number: number, files: string[], status = 'done'): StoredJob =>
      ({
        ...{
          id: `s${number}`,
          status,
          request: { ...request, film: { from: 0, leadIn: 0, number, count: 2 } },
        },
        result: {
          stopped: 'finished',
          files: files.map((name) => ({ name })),
          numbers: { frames: files.length },
        },
      }) as unknown as StoredJob;
    const pathOf = ({ id }: StoredJob, name: string): string => `${id}/${name}`;
    expect(segmentsOf([child(1, ['r.mp4']), child(2, [])], pathOf)).toEqual([
      { path: 's1/r.mp4', frames: 1 },
    ]);
    expect(segmentsOf([child(1, ['r.mp4']), child(2, [], 'failed')], pathOf)).toBeUndefined();
  });
});

describe.skipIf(withoutFfmpeg)('a film that is sent', () => {
  let film: Uint8Array;
  let [data, address] = ['', ''];
  let [source, whole] = ['', ''];
  const options = { strength: 0 };
  beforeAll(async () => {
    data = await newFolder();
    ({ address } = await startService({ data, limits: { segmentFrames: 7 } }));
    const folder = await newFolder();
    [source, whole] = [join(folder, 'film.mp4'), join(folder, 'whole.mp4')];
    // Each frame is lighter than the one before it by more than encoding changes it.
    ffmpeg(
      `-f lavfi -i nullsrc=s=64x48:r=25:d=0.96,geq=lum=40+7*N:cb=128+X/4:cr=128-Y/4 -f lavfi -i sine=duration=1.5 -c:v libx264 -bf 0 -crf 8 -pix_fmt yuv420p -c:a aac ${source}`,
    );
    film = await readFile(source);
    await runFiles('apply', { network: 'wave', pictures: { picture: source }, output: whole, options });
  });

  const handIn = async (to: string, bytes = film, fields: Record<string, string> = {}): Promise<Response> => {
    const body = form('apply', options, {}, { network: 'wave', ...fields });
    body.append('picture', new File([new Uint8Array(bytes)], 'my film.mp4'));
    return fetch(`${to}/jobs`, { method: 'POST', body });
  };
  const parts = async (address: string, id: string): Promise<readonly Job[]> =>
    ((await (await fetch(`${address}/jobs/${id}/children`)).json()) as JobList).jobs;

  /** Whether a result is what the command line makes in one piece: every frame in its place and time, with its sound. */
  async function expectWhole(address: string, { id, result }: Job): Promise<void> {
    expect(result).toMatchObject({ files: [{ name: 'my film.mp4', type: 'video/mp4' }] });
    const response = await fetch(`${address}/jobs/${id}/result/${encodeURIComponent('my film.mp4')}`);
    const path = join(await newFolder(), 'result.mp4');
    await writeFile(path, new Uint8Array(await response.arrayBuffer()));
    expect(factsOf(path)).toEqual(factsOf(whole));
    const [a, b] = [framesOf(whole), framesOf(path)];
    expect(b.length).toBe(a.length);
    const length = a.length / 24;
    for (let frame = 0; frame < 24; frame++) {
      let sum = 0;
      for (let i = frame * length; i < (frame + 1) * length; i++) sum += Math.abs(a[i]! - b[i]!);
      expect(sum / length).toBeLessThan(3);
    }
  }

  it('is done in segments, joined with its sound, and leaves nothing else', async () => {
    const response = await handIn(address);
    const { id, children } = (await response.json()) as Job;
    expect([response.status, children!.total]).toEqual([201, 5]);
    const events = await (await fetch(`${address}/jobs/${id}/events`)).text();
    expect(events).toMatch(/^event: progress$/m);
    const job = await jobWith(address, id, hasEnded);
    expect(job).toMatchObject({ status: 'done', children: { done: 5 } });
    await expectWhole(address, job);
    const names = [1, 2, 3, 4].map((number) => `my film.mp4 ${number}/4`);
    const done = await parts(address, id);
    expect(done.map(({ name }) => name)).toEqual([...names, 'my film.mp4']);
    // It is begun when all others have ended.
    const joined = Date.parse(done[4]!.started!);
    expect(Math.max(...done.slice(0, 4).map(({ finished }) => Date.parse(finished!)))).toBeLessThanOrEqual(
      joined,
    );
    await expect
      .poll(async () => (await readdir(join(data, 'jobs'))).sort())
      .toEqual([id, done[4]!.id].sort());
  });

  it('is refused where it can not be done', async () => {
    const codeOf = async (response: Response): Promise<unknown[]> => {
      const { error } = (await response.json()) as { error: { code: string; option?: string } };
      return [response.status, error.code, error.option];
    };
    expect(await codeOf(await handIn(address, Buffer.from('no film')))).toEqual([
      422,
      'E_FILM_DECODE',
      undefined,
    ]);
    expect(await codeOf(await handIn(address, film, { format: 'png' }))).toEqual([
      422,
      'E_FILM_FORMAT',
      'format',
    ]);
    const body = form('apply', options, {}, { network: 'wave' });
    body.append('picture', new File([new Uint8Array(film)], 'a.mp4'));
    body.append('picture', new File([new Uint8Array(await pictureBytes(1))], 'b.png'));
    const several = await fetch(`${address}/jobs`, { method: 'POST', body });
    expect(await codeOf(several)).toEqual([400, 'E_ARGUMENT', 'picture']);
  });

  it('that is stopped has no result', async () => {
    const { id } = (await (await handIn(address)).json()) as Job;
    await fetch(`${address}/jobs/${id}/cancel`, { method: 'POST' });
    const body = form('apply', options, {}, { network: 'wave' });
    body.append('picture', new File([new Uint8Array(film)], 'a.mp4'));
    const fast = await fetch(`${address}/fast`, { method: 'POST', body });
    const { error } = (await fast.json()) as { error: object };
    expect(error).toMatchObject({ code: 'E_ARGUMENT', option: 'picture' });
    const job = await jobWith(address, id, hasEnded);
    expect(job).toMatchObject({ status: 'cancelled', result: null });
    expect((await parts(address, id)).at(-1)!.status).toBe('cancelled');
  });

  describe.skipIf(withoutRedis)('to a queue server', () => {
    const { servers, programs } = endedAfterAll();

    it('comes to the same, though a worker is killed at one of its segments', async () => {
      const [shared, server] = [await newFolder(), await RedisServer.start(await newFolder())];
      servers.push(server);
      const { address: one } = await startService({
        data: shared,
        queue: server.address,
        limits: { segmentFrames: 12 },
      });
      programs.push(await startShortWorker(server.address, shared));
      const { id } = (await (await handIn(one)).json()) as Job;
      await jobWith(one, id, ({ status }) => status === 'running');
      await programs.pop()!.end('SIGKILL');
      programs.push(await startShortWorker(server.address, shared));
      const job = await jobWith(one, id, hasEnded);
      expect(job).toMatchObject({ status: 'done', children: { total: 3, done: 3 } });
      await expectWhole(one, job);
    });

    it('comes to the same through storage in S3, though a worker is killed at one of its segments', async () => {
      const [folder, server] = [await newFolder(), await RedisServer.start(await newFolder())];
      servers.push(server);
      const [queue, files] = [server.address, useS3(await startS3rver(folder))];
      const limits = { segmentFrames: 6 };
      const { address: one } = await startService({ data: await newFolder(), queue, files, limits });
      // Folders of their own: what they have in common is in the storage.
      const start = async (): Promise<RunningProgram> => startShortWorker(queue, await newFolder(), files);
      programs.push(await start(), await start());
      const { id } = (await (await handIn(one)).json()) as Job;
      await jobWith(one, id, ({ children }) => children!.running === 2);
      await programs.pop()!.end('SIGKILL');
      const job = await jobWith(one, id, hasEnded);
      expect(job).toMatchObject({ status: 'done', children: { total: 5, done: 5 } });
      await expectWhole(one, job);
      const stored = async (): Promise<string[]> =>
        (await readdir(join(folder, 'pictures'), { recursive: true })).filter((name) =>
          /_object$/.test(name),
        );
      const joined = (await parts(one, id)).at(-1)!.id;
      await expect.poll(stored).toEqual([expect.stringContaining(joined)]);
      await fetch(`${one}/jobs/${id}`, { method: 'DELETE' });
      await expect.poll(stored).toEqual([]);
    });
  });
});
