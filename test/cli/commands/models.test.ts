import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { modelsCommand } from '../../../src/cli/commands/models.js';
import { fakeTerminal, type FakeTerminalOptions } from '../fake-terminal.js';
import { goldenFolder } from '../../golden-values.js';
import { FileServer, file, status } from '../../weights/file-server.js';
import { asFile, ownTensors, torchvisionTensors } from '../../weights/narrow-vgg.js';

const network = asFile(ownTensors('vgg19'));
let server: FileServer;
let root: string;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => void (server = await FileServer.start()));
afterAll(() => server.close());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pastiche-cli-'));
  environment = { PASTICHE_CACHE: join(root, 'cache'), PASTICHE_MODELS: join(root, 'own') };
  await mkdir(join(root, 'own'));
});
afterEach(() => rm(root, { recursive: true }));

interface Outcome {
  stdout: string;
  stderr: string;
  error?: { code: string; message: string; remedy: string };
}

async function models(
  args: string[],
  options: Omit<FakeTerminalOptions, 'environment'> = {},
): Promise<Outcome> {
  const terminal = fakeTerminal({ ...options, environment });
  const command = modelsCommand(terminal).exitOverride();
  const error = await command.parseAsync(args, { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown as NonNullable<Outcome['error']>,
  );
  return { ...terminal.written, ...(error === undefined ? {} : { error }) };
}

const put = async (name: string, bytes: Uint8Array) => {
  const path = join(root, 'own', name);
  await writeFile(path, bytes);
  return path;
};

describe('models list', () => {
  it('is a table of the known networks with their place', async () => {
    const path = await put('vgg19-16x.safetensors', network);
    const { stdout, stderr, error } = await models(['list']);
    expect(error).toBeUndefined();
    expect(stderr).toBe('');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^NAME +WHAT +LICENCE +SIZE +WHERE$/);
    expect(lines.slice(1).map((line) => line.split(' ')[0])).toEqual([
      'pastiche-vgg',
      'vgg19',
      'vgg19-torchvision',
      'vgg16',
      'vgg19-16x',
      'magenta',
    ]);
    expect(lines[1]).toMatch(/ MIT +1\.9 MB +.*pastiche-vgg\.safetensors$/);
    expect(lines[2]).toMatch(/ CC-BY-4\.0 +80\.1 MB +not here$/);
    expect(lines[5]).toMatch(/ MIT +3\.9 MB +/);
    expect(lines[5]!.endsWith(path)).toBe(true);
    expect(lines[6]).toMatch(/ Apache-2\.0 +3\.3 MB +not here$/);
    const column = lines[0]!.indexOf('LICENCE');
    expect(lines.slice(1).every((line) => line[column - 1] === ' ' && line[column] !== ' ')).toBe(true);
  });

  it('is JSON where asked for', async () => {
    const path = await put('vgg16.safetensors', network);
    const rows = JSON.parse((await models(['list', '--json'])).stdout) as Record<string, unknown>[];
    expect(rows).toHaveLength(6);
    expect(rows[1]).toMatchObject({
      name: 'vgg19',
      licence: 'CC-BY-4.0',
      size: 80134624,
      hash: { algorithm: 'md5', digest: '253f8cb515780f3b799900260a226db6' },
      url: expect.stringMatching(/^https:.*vgg19_weights_tf_dim_ordering_tf_kernels_notop\.h5$/) as string,
      path: null,
    });
    expect(rows[3]).toMatchObject({ name: 'vgg16', path });
    expect(rows[4]).toMatchObject({ name: 'vgg19-16x', url: null, hash: null });
    expect(rows[4]).not.toHaveProperty('also');
    const address = (part: string): unknown =>
      expect.stringMatching(`^https://storage\\.googleapis\\.com/.*_${part}_1\\.tflite$`);
    expect(rows[5]).toMatchObject({
      ...{
        name: 'magenta',
        fileName: 'style_predict_int8.tflite',
        size: 2828838,
        url: address('int8_prediction'),
      },
      also: [{ fileName: 'style_transfer_f16.tflite', size: 422086, url: address('fp16_transfer') }],
    });
  });
});

describe('models pull', () => {
  it('downloads into the cache, where the network is found from then on', async () => {
    server.answerWith(file(network));
    const { stdout, stderr, error } = await models(['pull', 'vgg19-16x', '--from', server.url()]);
    expect(error).toBeUndefined();
    const path = join(root, 'cache', 'models', 'vgg19-16x.safetensors');
    expect(Buffer.compare(await readFile(path), network)).toBe(0);
    expect(stdout).toMatch(
      /^vgg19-16x is here now: .*vgg19-16x\.safetensors \(15\.5 kB, SHA-256 [0-9a-f]{64}\)\n$/,
    );
    expect(stderr).toContain('vgg19-16x: 15.5 kB of 15.5 kB\n');
    expect(stderr).toContain('vgg19-16x: downloaded, checking\n');
    expect((await models(['path', 'vgg19-16x'])).stdout).toBe(`${path}\n`);

    const again = await models(['pull', 'vgg19-16x', '--from', server.url()]);
    expect(again).toMatchObject({
      stdout: expect.stringContaining('is already here and sound') as string,
      stderr: '',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('draws a bar on a terminal, with lines between for what goes wrong', async () => {
    server.answerWith(status(503), file(network));
    const { stdout, stderr } = await models(['pull', 'vgg19-16x', '--from', server.url()], { isTTY: true });
    expect(stderr).toContain('vgg19-16x: the server answered 503; trying again in 0.5 s\n');
    expect(stderr).toContain('█');
    expect(stderr).toContain('100% of 15.5 kB');
    expect(stdout).toContain('is here now');
  });

  it('puts the file into another folder and says how it is found there', async () => {
    server.answerWith(file(asFile(torchvisionTensors('vgg19'))));
    const to = join(root, 'elsewhere');
    const { stderr, error } = await models(['pull', 'vgg19-torchvision', '--from', server.url(), '--to', to]);
    expect(error).toBeUndefined();
    expect(stderr).toContain(`Set PASTICHE_MODELS=${to} so that --network vgg19-torchvision finds it.\n`);
    const { stdout } = await models(['verify', join(to, 'vgg19-torchvision.safetensors')]);
    expect(stdout).toContain('VGG-19, compact width (2, 3, 4, 5, 6), to conv5_4');
    environment['PASTICHE_MODELS'] = to;
    expect((await models(['pull', 'vgg19-torchvision', '--to', to])).stderr).toBe('');
  });

  it('refuses a file of Magenta that is not the published one', async () => {
    const toy = await readFile(join(goldenFolder, 'tflite/prediction.tflite'));
    server.answerWith(file(toy));
    const { stdout, error } = await models(['pull', 'magenta', '--from', server.url()]);
    expect(stdout).toBe('');
    expect(error).toMatchObject({
      code: 'E_DOWNLOAD_HASH',
      message: expect.stringContaining(`has ${toy.length} bytes, and 2828838 were expected`) as string,
    });
    expect(server.requests[0]!.path).toMatch(/\/style_predict_int8\.tflite$/);
  });

  it('throws what went wrong', async () => {
    expect(await models(['pull', 'vgg20'])).toMatchObject({
      error: {
        code: 'E_ARGUMENT',
        message: 'No model is named "vgg20".',
        remedy: expect.stringContaining('vgg19') as string,
      },
    });
    expect(await models(['pull', 'vgg19-16x'])).toMatchObject({ error: { code: 'E_DOWNLOAD' } });
    server.answerWith(file(network));
    expect(await models(['pull', 'vgg19', '--from', server.url()])).toMatchObject({
      stdout: '',
      error: { code: 'E_DOWNLOAD_HASH' },
    });
    server.answerWith(status(404));
    expect(await models(['pull', 'vgg16', '--from', server.url()])).toMatchObject({
      error: { code: 'E_DOWNLOAD', message: expect.stringContaining('answered 404') as string },
    });
  });

  it('stops at Ctrl-C and goes on later', async () => {
    const etag = '"one"';
    server.answerWith(file(network, { etag, stopAfter: 1000, thenSilent: true }), file(network, { etag }));
    const listeners = process.listenerCount('SIGINT');
    // The first line of progress comes when the first bytes are there.
    const onStderr = () => void process.emit('SIGINT');
    expect(await models(['pull', 'vgg19-16x', '--from', server.url()], { onStderr })).toMatchObject({
      error: { code: 'E_DOWNLOAD', remedy: 'Download it again: that resumes where it stopped.' },
    });
    expect(process.listenerCount('SIGINT')).toBe(listeners);
    expect((await models(['pull', 'vgg19-16x', '--from', server.url()])).error).toBeUndefined();
    expect(server.requests[1]!.range).toBe('bytes=1000-');
  });
});

describe('models verify', () => {
  it('checks everything that is here', async () => {
    expect((await models(['verify'])).stdout).toMatch(
      /^pastiche-vgg: sound\. .*pastiche-vgg\.safetensors \(1\.9 MB\): VGG-19, .* to conv5_1, .*; its digest is the published one\.\n$/,
    );
    const path = await put('vgg19-16x.safetensors', network);
    server.answerWith(file(asFile(torchvisionTensors('vgg19'))));
    await models(['pull', 'vgg19-torchvision', '--from', server.url()]);
    const { stdout, error } = await models(['verify']);
    expect(error).toBeUndefined();
    const lines = stdout.trimEnd().split('\n');
    expect(lines[1]).toMatch(/^vgg19-torchvision: sound\. .*; its digest is that of the download\.$/);
    expect(lines[2]).toBe(
      `vgg19-16x: sound. ${path} (15.5 kB): VGG-19, compact width (2, 3, 4, 5, 6), to conv5_4, projected at ` +
        'relu1_1, relu2_1, relu3_1, relu4_1, relu5_1; no digest of it is known.',
    );
  });

  it('fails on a damaged file, after it has checked the others', async () => {
    await put('vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5', network);
    await put('vgg16.safetensors', network.subarray(0, 5000));
    await put('vgg19-16x.safetensors', network);
    const { stdout, error } = await models(['verify']);
    expect(stdout.split('\n').map((line) => line.split(/[.,]/)[0])).toEqual([
      'pastiche-vgg: sound',
      'vgg19: NOT SOUND',
      'vgg16: NOT SOUND',
      'vgg19-16x: sound',
      '',
    ]);
    expect(error).toMatchObject({
      code: 'E_DOWNLOAD_HASH',
      message: expect.stringContaining(
        `has ${network.length} bytes, and 80134624 bytes were published`,
      ) as string,
    });
  });

  it('checks one, by name or by path', async () => {
    const path = await put('vgg19-16x.safetensors', network.subarray(0, 5000));
    expect((await models(['verify', 'vgg19-16x'])).error).toMatchObject({ code: 'E_WEIGHTS_FORMAT' });
    expect((await models(['verify', path])).error).toMatchObject({ code: 'E_WEIGHTS_FORMAT' });
    expect((await models(['verify', 'vgg16'])).error).toMatchObject({ code: 'E_WEIGHTS_MISSING' });
    const part = join(goldenFolder, 'tflite/transformer.tflite');
    expect((await models(['verify', part])).stdout).toBe(
      `${part}: sound. ${part} (27.8 kB): Magenta's transformer, 117 operators; no digest of it is known.\n`,
    );
    expect((await models(['verify', 'no/such.h5'])).error).toMatchObject({ code: 'E_INPUT_MISSING' });
  });
});

describe('models path', () => {
  it('prints the folder that pull fills, and as JSON those that are searched', async () => {
    const folder = join(root, 'cache', 'models');
    expect((await models(['path'])).stdout).toBe(`${folder}\n`);
    const { searched, ...rest } = JSON.parse((await models(['path', '--json'])).stdout) as {
      searched: string[];
    };
    expect(rest).toEqual({ folder });
    expect(searched[0]).toBe(join(root, 'own'));
    expect(searched.at(-1)).toBe(folder);
  });

  it('prints the file of a network, or how to get it', async () => {
    const path = await put('vgg19.safetensors', network);
    expect((await models(['path', 'vgg19'])).stdout).toBe(`${path}\n`);
    expect(JSON.parse((await models(['path', 'vgg19', '--json'])).stdout)).toEqual({ name: 'vgg19', path });
    expect((await models(['path', 'vgg16'])).error).toMatchObject({
      code: 'E_WEIGHTS_MISSING',
      remedy: expect.stringContaining('npx pastiche models pull vgg16') as string,
    });
  });
});
