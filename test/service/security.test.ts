import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ApiKeys } from '../../src/service/api-keys.node.js';
import type { Job, Problem } from '../../src/service/job.js';
import { keysFolder } from '../../src/service/open-service.node.js';
import {
  form,
  hasEnded,
  jobWith,
  newFolder,
  pictureBytes,
  startService,
  tiny,
  tinyForm,
} from './service-run.js';

const data = await newFolder();
const keys = new ApiKeys(keysFolder(data));
const [{ key: mine, record }, { key: theirs }] = [await keys.create('mine'), await keys.create('theirs')];
const open = await startService();
// All addresses of this machine are more than the loopback, so that keys are needed; the tests use the loopback of it.
const guarded = await startService({ data, host: '0.0.0.0' });
const guardedAddress = `http://127.0.0.1:${new URL(guarded.address).port}`;

const withKey = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
const problemOf = async (response: Response): Promise<Problem & { status: number }> => {
  const { error } = (await response.json()) as { error: Problem };
  expect(error.remedy).toBeTruthy();
  return { status: response.status, ...error };
};
const post = async (body: BodyInit, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${open.address}/jobs`, { method: 'POST', body, headers });

/** Sends what fetch would not. */
function raw(headers: Record<string, string>, path = '/jobs'): Promise<{ status: number; text: string }> {
  const { port } = new URL(open.address);
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => (text += more));
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    });
    sent.on('error', reject).end();
  });
}

describe('who may ask', () => {
  it('is everybody on this machine, and nobody elsewhere without a key that is known', async () => {
    expect((await fetch(`${open.address}/jobs`)).status).toBe(200);
    const routes = ['/jobs', '/jobs/x', '/jobs/x/events', '/jobs/x/result', '/metrics'];
    for (const route of routes) {
      const wrong = [
        {},
        withKey('nonsense'),
        withKey(`${mine.slice(0, -1)}${mine.endsWith('A') ? 'B' : 'A'}`),
      ];
      for (const headers of [...wrong, { authorization: `Basic ${mine}` }]) {
        const refused = await problemOf(await fetch(`${guardedAddress}${route}`, { headers }));
        expect(refused).toMatchObject({ status: 401, code: 'E_KEY' });
      }
    }
    const listed = await fetch(`${guardedAddress}/jobs`, { headers: withKey(mine) });
    expect(listed.status).toBe(200);
    expect((await fetch(`${guardedAddress}/health`)).status).toBe(200);
    expect((await fetch(`${open.address}/jobs`, { headers: withKey('nonsense') })).status).toBe(401);
  });

  it('is nobody at an address that others reach while there are no keys', async () => {
    await expect(startService({ host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'E_ARGUMENT',
      option: 'host',
    });
  });

  it('does not see the jobs of another key', async () => {
    const body = await tinyForm();
    const created = await fetch(`${guardedAddress}/jobs`, { method: 'POST', body, headers: withKey(mine) });
    const { id } = (await created.json()) as Job;
    await jobWith(guardedAddress, id, hasEnded, withKey(mine));
    const asked = ['', '/events', '/result', '/result/result.png'].map((end) => ({ end, method: 'GET' }));
    for (const { end, method } of [
      ...asked,
      { end: '/cancel', method: 'POST' },
      { end: '', method: 'DELETE' },
    ]) {
      const answer = await fetch(`${guardedAddress}/jobs/${id}${end}`, { method, headers: withKey(theirs) });
      expect(await problemOf(answer)).toMatchObject({ status: 404, code: 'E_NOT_FOUND' });
    }
    const list = await fetch(`${guardedAddress}/jobs`, { headers: withKey(theirs) });
    expect(await list.json()).toEqual({ jobs: [], next: null });
    expect((await fetch(`${guardedAddress}/jobs/${id}/result`, { headers: withKey(mine) })).status).toBe(200);
  });

  it('is told a key once, and not any more when it is revoked', async () => {
    const stored = await readFile(join(keysFolder(data), `${record.id}.json`), 'utf8');
    expect(stored).not.toContain(mine.slice(-43));
    const { key, record: other } = await keys.create('for a while');
    const ask = async (): Promise<number> =>
      (await fetch(`${guardedAddress}/jobs`, { headers: withKey(key) })).status;
    expect(await ask()).toBe(200);
    await keys.revoke(other.id);
    expect(await ask()).toBe(401);
    await expect(keys.revoke('../mine')).rejects.toMatchObject({ code: 'E_ARGUMENT' });
  });

  it('is no page of another site, and no name that only leads here', async () => {
    const headers = { origin: 'http://elsewhere.example' };
    expect(await problemOf(await post(await tinyForm(), headers))).toMatchObject({
      status: 403,
      code: 'E_REFUSED',
    });
    const { port } = new URL(open.address);
    expect((await raw({ host: `elsewhere.example:${port}` })).status).toBe(403);
    expect((await raw({ host: `localhost:${port}`, origin: `http://localhost:${port}` })).status).toBe(200);
    const answer = await fetch(`${open.address}/health`);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
  });
});

describe('what a request names', () => {
  it('is never opened: no address, no path, no file of the folder it runs in', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.onnx`;
    const pictures = { content: await pictureBytes(1), styles: await pictureBytes(2) };
    for (const name of [url, '/etc/passwd', '../jobs.sqlite', '..', 'C:\\x', 'package.json', 'a\0b']) {
      const forms = [
        form('stylize', { ...tiny }, pictures, { network: name }),
        form('stylize', { fast: true, model: name }, pictures),
        form('stylize', { ...tiny, contentLayers: [name] }, pictures),
        form('stylize', { ...tiny }, { content: pictures.content }, { styles: name }),
      ];
      for (const [index, body] of forms.entries()) {
        const answer = await post(body);
        // A layer may have any name; the network has none of that one.
        if (index === 2 && name === 'package.json') {
          const { id } = (await answer.json()) as Job;
          expect((await jobWith(open.address, id, hasEnded)).error).toMatchObject({ code: 'E_LAYER' });
        } else expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'E_ARGUMENT' });
      }
    }
    server.close();
    expect(asked).toBe(0);
  });

  it('are no files: an upload keeps neither its name nor its folder', async () => {
    const folder = await newFolder();
    const { address } = await startService({ data: join(folder, 'data') });
    await mkdir(join(folder, 'data', 'jobs', 'old'));
    await writeFile(join(folder, 'data', 'jobs', 'old', 'result.png'), 'kept');
    for (const name of ['../../../escaped.png', '/tmp/escaped.png', '..\\escaped.png', 'old/result.png']) {
      const body = new FormData();
      body.set('method', 'match-colors');
      body.append('picture', new Blob([new Uint8Array(await pictureBytes(1))]), name);
      body.append('reference', new Blob([new Uint8Array(await pictureBytes(2))]), name);
      const created = (await (await fetch(`${address}/jobs`, { method: 'POST', body })).json()) as Job;
      expect((await jobWith(address, created.id, hasEnded)).status).toBe('done');
      const outside = await fetch(`${address}/jobs/${created.id}/result/${encodeURIComponent(`../${name}`)}`);
      expect(outside.status).toBe(404);
    }
    expect((await readdir(folder)).sort()).toEqual(['data']);
    const files = await readdir(join(folder, 'data'), { recursive: true });
    expect(files.filter((file) => file.includes('escaped'))).toEqual([]);
    expect(await readFile(join(folder, 'data', 'jobs', 'old', 'result.png'), 'utf8')).toBe('kept');
  });

  it('does not come back as a header', async () => {
    const answer = await raw({}, `/jobs/${encodeURIComponent('x\r\nset-cookie: a=b')}`);
    expect(answer.status).toBe(404);
    const { port, hostname } = new URL(open.address);
    const garbage = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.end('no HTTP\r\n\r\n'));
      let text = '';
      socket.setEncoding('utf8').on('data', (more: string) => (text += more));
      socket.on('close', () => resolve(text));
    });
    expect(garbage).toMatch(/^HTTP\/1.1 400 [\s\S]*"code":"E_UPLOAD"/);
    const body = await tinyForm();
    const key = await post(body, { 'idempotency-key': 'with space' });
    expect(await problemOf(key)).toMatchObject({ status: 400, code: 'E_ARGUMENT' });
    const format = form('stylize', { ...tiny }, {}, { format: 'png\r\nset-cookie: a=b' });
    const refused = await post(format);
    expect(refused.status).toBe(400);
    expect(refused.headers.get('set-cookie')).toBeNull();
  });

  it('is refused when it is too much', async () => {
    const pictures = { content: await pictureBytes(1), styles: await pictureBytes(2) };
    const large = form('stylize', { contentLayers: ['x'.repeat(100_000)] }, pictures);
    expect(await problemOf(await post(large))).toMatchObject({ status: 413, code: 'E_LIMIT' });
    const json = JSON.stringify({ method: 'stylize', x: 'x'.repeat(1e6) });
    const asJson = await post(json, { 'content-type': 'application/json' });
    expect([413, 415]).toContain((await problemOf(asJson)).status);
    const deep = form('stylize', {}, pictures);
    deep.set('options', `{"contentLayers":${'['.repeat(20_000)}${']'.repeat(20_000)}}`);
    expect((await problemOf(await post(deep))).status).toBe(400);
    const polluting = form('stylize', {}, pictures);
    polluting.set('options', '{"__proto__":{"size":48},"constructor":1}');
    expect((await problemOf(await post(polluting))).status).toBe(400);
  });

  it('is refused when it is too often, or when there are too many jobs', async () => {
    const { address } = await startService({ limits: { requestsPerMinute: 3, queue: 1 } });
    const first = await fetch(`${address}/jobs`, {
      method: 'POST',
      body: await tinyForm({ iterations: 100_000 }),
    });
    const { id } = (await first.json()) as Job;
    await fetch(`${address}/jobs`);
    await fetch(`${address}/jobs`);
    const refused = await fetch(`${address}/jobs/${id}`);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await problemOf(refused)).toMatchObject({ status: 429, code: 'E_LIMIT' });
    expect((await fetch(`${address}/health`)).status).toBe(200);
    const full = await startService({ limits: { queue: 1 } });
    const hand = async (): Promise<Response> =>
      fetch(`${full.address}/jobs`, { method: 'POST', body: await tinyForm({ iterations: 100_000 }) });
    const running = (await (await hand()).json()) as Job;
    await jobWith(full.address, running.id, ({ status }) => status === 'running');
    expect((await hand()).status).toBe(201);
    const third = await hand();
    expect(third.headers.get('retry-after')).toBe('30');
    expect(await problemOf(third)).toMatchObject({ status: 503, code: 'E_LIMIT' });
    expect((await fetch(`${full.address}/ready`)).status).toBe(503);
  });
});
