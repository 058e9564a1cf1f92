import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { MockAgent } from 'undici';
import type * as Undici from 'undici';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { HttpClient } from '../../src/weights/http-client.node.js';
import { file, redirect } from './file-server.js';
import { bytes, Downloads } from './toy-model.js';

const unused = () => Promise.reject(new Error('There is an answer.'));

/** What stands in for the network, where a test needs encryption. */
let network: MockAgent | undefined;
vi.mock('undici', async (importOriginal) => {
  const undici = await importOriginal<typeof Undici>();
  const { EnvHttpProxyAgent } = undici;
  return {
    ...undici,
    EnvHttpProxyAgent: function (options: Undici.EnvHttpProxyAgent.Options) {
      return network ?? new EnvHttpProxyAgent(options);
    },
  };
});
beforeEach(() => (network = undefined));

const downloads = Downloads.use();

describe('redirects', () => {
  /** Answers `GET /file` at the first origin with a redirect to the second. */
  const redirected = (from: string, to: string): HttpClient => {
    network = new MockAgent();
    network.disableNetConnect();
    network
      .get(from)
      .intercept({ path: '/file' })
      .reply(302, '', { headers: { location: `${to}/file` } });
    network.get(to).intercept({ path: '/file' }).reply(200, 'the file');
    return new HttpClient();
  };

  it.each([
    ['http://a.example', 'https://b.example'],
    ['https://a.example', 'https://b.example'],
    ['http://a.example', 'http://b.example'],
  ])('lead from %s to %s', async (from, to) => {
    const answer = redirected(from, to).get(`${from}/file`, {}, ({ chunks }) => text(chunks));
    expect(await answer).toBe('the file');
  });

  it('do not lead from an encrypted address to an unencrypted one', async () => {
    const client = redirected('https://a.example', 'http://b.example');
    await expect(client.get('https://a.example/file', {}, unused)).rejects.toMatchObject({
      message: 'a.example redirects to the unencrypted address http://b.example/',
      transient: false,
    });
  });

  it('are followed ten times and no further', async () => {
    const chain = Array.from({ length: 11 }, (_, at) => redirect(`/${at}`));
    downloads.server.answerWith(...chain.slice(1), file(bytes));
    await downloads.pull();
    expect(downloads.server.requests).toHaveLength(11);
    downloads.server.answerWith(...chain, file(bytes));
    expect(await downloads.failure({ folder: join(downloads.folder, 'other') })).toMatchObject({
      code: 'E_DOWNLOAD',
      message: expect.stringContaining('the server answered 302') as string,
    });
    expect(downloads.server.requests).toHaveLength(11);
  });
});

it('a proxy that is silent is given up', async () => {
  const proxy = createServer((socket) => void socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const client = new HttpClient({ environment: { http_proxy: address }, inactivityTimeout: 100 });
  try {
    await expect(client.get('http://models.invalid/file', {}, unused)).rejects.toMatchObject({
      message: 'models.invalid sent nothing for 0.1 s',
      transient: true,
    });
  } finally {
    await client.close();
    proxy.close();
  }
});
