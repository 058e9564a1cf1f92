import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileIdentity } from '../../src/jobs/distinct-files.node.js';
import { statePath } from '../../src/jobs/file-recorder.node.js';
import type { FilesRequest } from '../../src/jobs/files-request.js';
import { planFiles } from '../../src/jobs/plan-files.node.js';
import { runFiles } from '../../src/jobs/run-files.node.js';
import { methods } from '../../src/methods/index.js';
import type { AnyMethod } from '../../src/methods/method.js';
import { withoutLinks } from '../platform.js';

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pastiche-distinct-'));
  await mkdir(at('in'));
  await mkdir(at('out'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Nothing of this is read: what would be overwritten is refused before. */
const content = (name: string): string => `the ${name}`;
const write = async (name: string): Promise<string> => {
  await writeFile(at('in', name), content(name));
  return at('in', name);
};

/** A request that names a file for everything that the method reads, and these files by what they are. */
async function requestOf(
  method: AnyMethod,
): Promise<{ request: FilesRequest; inputs: Record<string, string> }> {
  const inputs: Record<string, string> = {};
  for (const { name } of method.roles) inputs[name] = await write(`${name}.png`);
  if (method.network !== undefined) inputs['network'] = await write('net.safetensors');
  if (method.stepwise?.() === true) inputs['resume'] = await write('old.safetensors');
  const { network, resume, ...pictures } = inputs;
  return { request: { pictures, network, resume }, inputs };
}

/** Other names of a file. */
const names: Readonly<Record<string, (path: string) => Promise<string> | string>> = {
  'its own name': (path) => path,
  'a roundabout name': (path) => join(at('in', '..', 'in', '.'), basename(path)),
  'a relative name': (path) => relative(process.cwd(), path),
  'a hard link': async (path) => {
    await link(path, at('out', `link-to-${basename(path)}`));
    return at('out', `link-to-${basename(path)}`);
  },
  ...(withoutLinks
    ? {}
    : {
        'a symbolic link': async (path: string) => {
          await symlink(path, at('out', 'symbolic-link.png'));
          return at('out', 'symbolic-link.png');
        },
        'a link to a link': async (path: string) => {
          await symlink(path, at('out', 'first'));
          await symlink('first', at('out', 'second.png'));
          return at('out', 'second.png');
        },
        'a folder that is a link': async (path: string) => {
          await symlink(at('in'), at('elsewhere'));
          return at('elsewhere', basename(path));
        },
      }),
};

/** Every file and link below the folder, and what is in it. */
async function contents(): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const read = async (path: string): Promise<[string, string]> => [
    path,
    await readFile(path, 'utf8').catch(() => 'a link that leads to no file'),
  ];
  return Object.fromEntries(await Promise.all(paths.map(read)));
}

/** A request is refused by job and plan, and every file stays as it was. */
async function expectRefusal(
  method: AnyMethod,
  request: FilesRequest,
  option: string,
  message = /is an input and would be overwritten/,
): Promise<void> {
  const before = await contents();
  const refusal = { code: 'E_ARGUMENT', option, message: expect.stringMatching(message) as string };
  await expect(runFiles(method, request)).rejects.toMatchObject(refusal);
  await expect(planFiles(method, request)).rejects.toMatchObject(refusal);
  expect(await contents()).toEqual(before);
}

const writing = methods.filter(({ output }) => output.kind === 'picture');
const cases = writing.flatMap((method) =>
  Object.keys(names).map((name) => [method.name, name, method] as const),
);

describe('an output that is an input', () => {
  it.each(cases)('of %s, by %s, is refused, whichever of both it is', async (_, name, method) => {
    const { request, inputs } = await requestOf(method);
    const kinds = method.stepwise?.() === true ? ['output', 'trace', 'report'] : ['output', 'report'];
    for (const input of Object.values(inputs)) {
      for (const option of kinds) {
        const target = await names[name]!(input);
        await expectRefusal(method, { ...request, output: at('out', 'out.png'), [option]: target }, option);
        await rm(at('out'), { recursive: true });
        await rm(at('elsewhere'), { force: true });
        await mkdir(at('out'));
      }
    }
  });

  it('is refused in the folder that several files go into', async () => {
    for (const method of methods.filter(({ output }) => output.kind === 'folder')) {
      const { request, inputs } = await requestOf(method);
      if (method.output.kind !== 'folder') throw new Error('not reached');
      for (const [role, input] of Object.entries(inputs)) {
        for (const name of method.output.names) {
          await link(input, at('out', name));
          const moved =
            role === 'network' ? {} : { pictures: { ...request.pictures, [role]: at('out', name) } };
          await expectRefusal(method, { ...request, ...moved, output: at('out') }, 'output');
          await rm(at('out', name));
        }
      }
    }
  });

  it.each(
    methods.filter((method) => method.stepwise?.() === true).map((method) => [method.name, method] as const),
  )('of %s is refused where a state or a picture on the way would be it', async (_, method) => {
    const { request, inputs } = await requestOf(method);
    const output = at('out', 'out.png');
    for (const [role, input] of Object.entries(inputs)) {
      // The state that a run goes on from is the one that it saves anew.
      if (role === 'resume') continue;
      await link(input, statePath(output));
      await expectRefusal(method, { ...request, output }, 'output');
      await rm(statePath(output));
      const onTheWay = at('out', 'out-000050.png');
      await link(input, onTheWay);
      await expectRefusal(method, { ...request, output, saveEvery: 25 }, 'output');
      // What is not saved is not overwritten.
      for (const saveEvery of [20, undefined]) {
        const going = planFiles(method, { ...request, output, saveEvery });
        await expect(going).rejects.not.toMatchObject({ option: 'output' });
      }
      await rm(onTheWay);
    }
  });

  it('is refused where it is a network that is found by its name', async () => {
    const method = methods.find(({ name }) => name === 'texture')!;
    const { request } = await requestOf(method);
    const models = process.env['PASTICHE_MODELS'];
    process.env['PASTICHE_MODELS'] = at('in');
    try {
      const network = await write('vgg19.safetensors');
      const trace = { ...request, output: at('out', 'out.png'), trace: network };
      await expectRefusal(method, { ...trace, network: undefined }, 'trace');
      await expectRefusal(method, { ...trace, network: 'vgg19' }, 'trace');
    } finally {
      if (models === undefined) delete process.env['PASTICHE_MODELS'];
      else process.env['PASTICHE_MODELS'] = models;
    }
  });

  it('is refused in a folder of several', async () => {
    const method = methods.find(({ name }) => name === 'match-colors')!;
    const [one, two, reference] = [await write('1.png'), await write('2.png'), await write('r.png')];
    await expectRefusal(method, { pictures: { picture: [one, two], reference }, output: at('in') }, 'output');
    await expectRefusal(method, { pictures: { picture: at('in'), reference }, output: at('in') }, 'output');
    await link(reference, at('out', '2.png'));
    await expectRefusal(
      method,
      { pictures: { picture: [one, two], reference }, output: at('out') },
      'output',
    );
  });
});

describe('two outputs', () => {
  it('in one file are refused', async () => {
    const method = methods.find(({ name }) => name === 'texture')!;
    const { request } = await requestOf(method);
    const output = at('out', 'out.png');
    const twice = /would go into the same file/;
    const fresh = { ...request, resume: undefined, output };
    await expectRefusal(method, { ...fresh, trace: at('out', 'x'), report: at('out', 'x') }, 'report', twice);
    await expectRefusal(method, { ...fresh, report: output }, 'report', twice);
    await expectRefusal(method, { ...fresh, trace: statePath(output) }, 'trace', twice);
    const [a, b] = [await write('a.png'), await write('b.png')];
    await mkdir(at('other'));
    await link(b, at('other', 'a.png'));
    const sample = [a, at('other', 'a.png')];
    await expectRefusal(method, { ...fresh, pictures: { sample }, output: at('out') }, 'output', twice);
  });

  it.skipIf(withoutLinks)(
    'in one file are refused where that is behind links and not there yet',
    async () => {
      const method = methods.find(({ name }) => name === 'texture')!;
      const { request } = await requestOf(method);
      await symlink('page', at('out', 'out.png'));
      const fresh = { ...request, resume: undefined, output: at('out', 'out.png') };
      await expectRefusal(method, { ...fresh, trace: at('out', 'page') }, 'trace', /the same file/);
    },
  );
});

describe('the identity of a file', () => {
  it('is one for all of its names, and another for a copy', async () => {
    const path = await write('a.png');
    const own = await fileIdentity(path);
    for (const name of Object.keys(names)) {
      expect(await fileIdentity(await names[name]!(path)), name).toBe(own);
      await rm(at('out'), { recursive: true });
      await mkdir(at('out'));
    }
    await writeFile(at('in', 'copy.png'), content('a.png'));
    expect(await fileIdentity(at('in', 'copy.png'))).not.toBe(own);
    expect(await fileIdentity(at('in', 'none.png'))).toBe(
      await fileIdentity(at('out', '..', 'in', 'none.png')),
    );
    expect(await fileIdentity(at('none', 'none.png'))).toBe(at('none', 'none.png'));
  });
});
