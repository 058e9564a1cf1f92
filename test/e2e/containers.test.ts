import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { knownCommands } from '../../src/cli/commands.js';
import { fakeTerminal } from '../cli/fake-terminal.js';

const root = join(import.meta.dirname, '../..');
const read = (name: string): Promise<string> => readFile(join(root, name), 'utf8');

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: object;
}

/** Parses what comes after `pastiche` as the command line does, without doing it. */
async function parsed(args: readonly string[]): Promise<Record<string, unknown>> {
  const known = knownCommands.find(({ name }) => name === args[0])!;
  const command = await known.load(fakeTerminal());
  let options: Record<string, unknown> = {};
  command.exitOverride().action(() => void (options = command.opts()));
  await command.parseAsync(args.slice(1), { from: 'user' });
  return options;
}

/** The instructions of a Dockerfile in their order, lines that go on put together. */
const instructionsOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');

describe('the image', () => {
  it('is run by nobody in particular, tells whether it is healthy, and begins with a command that there is', async () => {
    const instructions = instructionsOf(await read('Dockerfile'));
    const last = (name: string): string =>
      instructions.findLast((line) => line.startsWith(`${name} `))!.slice(name.length + 1);
    expect(last('USER')).toBe('node');
    const [flags, check] = last('HEALTHCHECK').split('CMD ') as [string, string];
    expect(flags).toMatch(/--interval=\d+s --timeout=\d+s/);
    const [node, option, script] = JSON.parse(check) as string[];
    expect([node, option]).toEqual(['node', '-e']);
    expect(() => new Function(script!)).not.toThrow();
    expect(JSON.parse(last('ENTRYPOINT'))).toEqual(['node', '/app/dist/command-line/main.js']);
    expect(await parsed(JSON.parse(last('CMD')) as string[])).toMatchObject({ data: '/data', port: 8080 });
  });

  it('is made of folders that the repository or its build has', async () => {
    const copies = instructionsOf(await read('Dockerfile')).filter((line) => line.startsWith('COPY --from'));
    const folders = copies.map((line) => /\/app\/(\S+) /.exec(line)![1]);
    const { files } = JSON.parse(await read('package.json')) as { files: string[] };
    expect(folders).toEqual(expect.arrayContaining(['package.json', 'node_modules', 'dist', 'models']));
    expect(files).toEqual(expect.arrayContaining(['dist', 'models']));
    expect((await read('.dockerignore')).split('\n')).toEqual(
      expect.arrayContaining(['.git', 'node_modules']),
    );
  });
});

describe('the composition of containers', () => {
  it('has a queue that keeps everything, a server and workers of the same folder', async () => {
    const { services, volumes } = parse(await read('docker-compose.yml')) as {
      services: Record<'queue' | 'server' | 'worker', Service>;
      volumes: object;
    };
    const { queue, server, worker } = services;
    expect(queue.command!.join(' ')).toMatch(
      /--appendonly yes --appendfsync always --maxmemory-policy noeviction/,
    );
    const [served, worked] = [await parsed(server.command!), await parsed(worker.command!)];
    expect(served).toMatchObject({ queue: 'redis://queue:6379', host: '0.0.0.0' });
    expect([worked['queue'], worked['data']]).toEqual([served['queue'], served['data']]);
    expect(worker.image).toBe(server.image);
    expect(worker.volumes).toEqual(server.volumes);
    for (const one of [server, worker]) expect(Object.keys(one.depends_on!)).toContain('queue');
    expect(Object.keys(volumes)).toEqual(['queue', 'pictures']);
  });

  it('is what the guide says of Kubernetes too', async () => {
    const guide = await read('docs/guide/service.md');
    const [, yaml] = /```yaml\n(.*?)```/s.exec(guide)!;
    const { spec } = parse(yaml!) as {
      spec: { template: { spec: { containers: { args: string[]; image: string }[] } } };
    };
    const [worker] = spec.template.spec.containers;
    expect(await parsed(worker!.args)).toMatchObject({
      queue: 'redis://queue:6379',
      maxMemory: 3000,
      workers: 1,
    });
    const [, args] = /args: \[(serve[^\]]*)\]/.exec(guide)!;
    const words = args!.split(',').map((word) => word.trim().replaceAll("'", ''));
    expect(await parsed(words)).toMatchObject({ host: '0.0.0.0', data: '/data' });
  });
});
