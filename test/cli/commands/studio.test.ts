import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { studioCommand } from '../../../src/cli/commands/studio.js';
import { StyleError } from '../../../src/errors.js';
import { fakeTerminal } from '../fake-terminal.js';

/** The address that it printed, once it has. */
const addressOf = ({ written }: ReturnType<typeof fakeTerminal>): Promise<string> =>
  expect.poll(() => written.stdout, { timeout: 30_000 }).toMatch(/^http/) as unknown as Promise<string>;

describe('pastiche studio', () => {
  it('serves an isolated page to this machine, opens it, and ends with Ctrl-C', async () => {
    const terminal = fakeTerminal();
    const opened: string[] = [];
    const command = studioCommand(terminal, (address) => opened.push(address));
    const ending = command.parseAsync(['--port', '0'], { from: 'user' });
    await addressOf(terminal);
    const address = terminal.written.stdout.trim();
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(opened).toEqual([address]);
    const page = await fetch(address);
    expect(await page.text()).toContain('<title>Pastiche studio</title>');
    expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toContain("'unsafe-eval'");
    const sizes = ['models/styles.onnx', 'wasm/ort-wasm-simd-threaded.wasm', 'h5wasm/hdf5_hl.js'].map(
      async (path) => (await fetch(`${address}${path}`)).status,
    );
    expect(await Promise.all(sizes)).toEqual([200, 200, 200]);
    expect((await fetch(`${address}wasm/../package.json`)).status).toBe(404);
    process.emit('SIGINT');
    await ending;
    await expect(fetch(address)).rejects.toThrow();
    expect(terminal.written.stderr).toBe('');
  });

  it('says so where its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const command = studioCommand(fakeTerminal());
    const error = await command
      .parseAsync(['--port', String(port), '--no-open'], { from: 'user' })
      .catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(StyleError);
    expect((error as StyleError).message).toBe(`--port ${port} is taken by another program.`);
    expect((error as StyleError).remedy).toBe('Give another one, or 0 for any that is free.');
    await new Promise((resolve) => other.close(resolve));
  });
});
