import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { serveCommand } from '../../../src/cli/commands/serve.js';
import { workerCommand } from '../../../src/cli/commands/worker.js';
import { fakeTerminal } from '../fake-terminal.js';

const data = await mkdtemp(join(tmpdir(), 'pastiche-serve-'));
afterAll(() => rm(data, { recursive: true, force: true }));

/** All headers of an answer as they were sent, names in lower case, one entry for each time. */
function headersOf(address: string): Promise<{ status: number; names: string[]; values: string[] }> {
  return new Promise((resolve, reject) => {
    const asked = request(address, (response) => {
      response.resume();
      const { rawHeaders } = response;
      const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
      resolve({
        status: response.statusCode!,
        names,
        values: rawHeaders.filter((_, index) => index % 2 === 1),
      });
    });
    asked.on('error', reject).end();
  });
}

/** Runs the command in this process until `use` is done. */
async function whileServing(use: (address: string) => Promise<void>): Promise<void> {
  const terminal = fakeTerminal();
  const running = serveCommand(terminal).parseAsync(['--port', '0', '--quiet', '--data', data], {
    from: 'user',
  });
  const printed = new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (!terminal.written.stdout.includes('\n')) return;
      clearInterval(timer);
      resolve();
    }, 20);
  });
  await Promise.race([printed, running]);
  try {
    await use(/http:\S+/.exec(terminal.written.stdout)![0]);
  } finally {
    process.emit('SIGINT');
    await running;
  }
}

describe('pastiche serve', () => {
  it('has the studio at its address, isolated as the API is, each header once', async () => {
    await whileServing(async (address) => {
      expect(await (await fetch(`${address}/`)).text()).toContain('<title>Pastiche studio</title>');
      const isolating = [
        ['cross-origin-opener-policy', 'same-origin'],
        ['cross-origin-embedder-policy', 'require-corp'],
        ['content-security-policy', "worker-src 'self' blob:"],
      ] as const;
      for (const path of ['/', '/models/styles.onnx', '/health', '/jobs', '/nothing-there']) {
        const { status, names, values } = await headersOf(`${address}${path}`);
        expect(status).toBe(path === '/nothing-there' ? 404 : 200);
        for (const [name, value] of isolating) {
          expect(names.filter((one) => one === name)).toHaveLength(1);
          expect(values[names.indexOf(name)]).toContain(value);
        }
      }
      // What is wrong is told in the service's words, and the description of the API has no pages in it.
      const missing = await fetch(`${address}/nothing-there`);
      expect(await missing.json()).toMatchObject({ error: { code: 'E_NOT_FOUND' } });
      const { paths } = (await (await fetch(`${address}/openapi.json`)).json()) as { paths: object };
      expect(Object.keys(paths)).toContain('/jobs');
      expect(Object.keys(paths).filter((path) => path.includes('*'))).toEqual([]);
    });
  });
});

describe('pastiche serve keys', () => {
  const keys = async (...args: string[]): Promise<string> => {
    const terminal = fakeTerminal();
    await serveCommand(terminal).parseAsync(['keys', ...args, '--data', data], { from: 'user' });
    return terminal.written.stdout;
  };

  it('makes, lists and revokes keys, of which only a digest is stored', async () => {
    const key = (await keys('create', 'the shop')).trim();
    expect(key).toMatch(/^pastiche_[0-9a-f]{12}_[\w-]{43}$/);
    const listed = await keys('list');
    expect(listed).toContain('the shop');
    expect(listed).not.toContain(key);
    const stored = await readdir(join(data, 'keys'));
    expect(stored).toHaveLength(1);
    expect(await readFile(join(data, 'keys', stored[0]!), 'utf8')).not.toContain(key.split('_')[2]);
    const id = key.split('_')[1]!;
    const before = fakeTerminal();
    await serveCommand(before).parseAsync(['--data', data, 'keys', 'list'], { from: 'user' });
    expect(before.written.stdout).toBe(listed);
    expect(await keys('revoke', id)).toBe(`The key ${id} is revoked.\n`);
    expect(await keys('list')).not.toContain(id);
    await expect(keys('revoke', id)).rejects.toMatchObject({ code: 'E_ARGUMENT' });
  });
});

describe('docs/guide/service.md', () => {
  it('has a row for each flag of the commands, with its default, and no other', async () => {
    const guide = await readFile(join(import.meta.dirname, '../../../docs/guide/service.md'), 'utf8');
    const rows = guide.split('\n').filter((line) => line.startsWith('| `--'));
    const { options } = serveCommand(fakeTerminal());
    const named = rows.map((row) => /--[a-z-]+/.exec(row)![0]);
    expect([...named].sort()).toEqual(options.map(({ long }) => long!).sort());
    const ofWorkers = workerCommand(fakeTerminal()).options.map(({ long }) => `\`${long}\``);
    const told = /^Those of `pastiche worker` are ([^.]*)\./m.exec(guide)![1]!;
    expect(told.match(/`--[a-z-]+`/g)!.sort()).toEqual(ofWorkers.sort());
    for (const { long, description, defaultValue } of options) {
      const standard =
        (defaultValue as string | undefined) ?? /\(default: ([^ );]+)[;)]/.exec(description)?.[1];
      const row = rows.find((line) => line.startsWith(`| \`${long} `) || line.startsWith(`| \`${long}\``));
      if (standard !== undefined) expect(row).toContain(`| \`${standard}\` |`);
    }
  });
});
