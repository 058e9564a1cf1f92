import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withoutSignals } from '../platform.js';
import { appears, main, makeWorkplace, pastiche, runProcess } from './command-line.js';
import { readPixels, writePicture } from './pictures.js';

const folder = await makeWorkplace();
const at = (...names: string[]): string => join(folder, ...names);
const content = await writePicture(at('photo.png'), 96, 70);
const style = await writePicture(at('painting.jpg'), 80, 50, 1);
/** Long enough to be stopped on the way, with a scale before and after. */
const work = ['--scales', '48,96', '--iterations', '100,100', '--threads', '1'];

const outputFolder = async (name: string): Promise<string> => {
  await mkdir(at(name));
  return at(name);
};

describe('a run that is stopped', () => {
  it.skipIf(withoutSignals)(
    'by Ctrl-C saves picture and state, and the command it names ends at the same bits as a run that was not',
    async () => {
      const out = await outputFolder('stopped');
      const undisturbed = pastiche(['stylize', content, style, '-o', at('whole.png'), '--quiet', ...work]);
      const stopped = await pastiche(['stylize', content, style, '-o', join(out, "it's.png"), ...work], {
        // A line comes at the first step of a scale: the fine one has begun.
        onStderr: (text, child) => void (/^96x70 .* of 200 /m.test(text) && child.kill('SIGINT')),
      });
      expect(stopped.code).toBe(130);
      expect((await readdir(out)).sort()).toEqual(["it's.png", "it's.state.safetensors"]);
      expect(await readPixels(join(out, "it's.png"))).toMatchObject({ width: 96, height: 70 });
      expect(stopped.stderr).toContain('Stopping after this step; Ctrl-C again quits at once.');
      expect(stopped.stderr).toMatch(/Stopped after 1\d\d iterations; the best picture so far is in /);
      const command = /^To go on: (pastiche .*)$/m.exec(stopped.stderr)![1]!;

      const script = `pastiche() { "${process.execPath}" "${main}" "$@"; }; ${command}`;
      const resumed = await runProcess('sh', ['-c', script], { cwd: folder });
      expect(resumed.code).toBe(0);
      expect(resumed.stdout).toContain('200 iterations');
      expect(await readdir(out)).toEqual(["it's.png"]);
      expect((await undisturbed).code).toBe(0);
      expect((await readPixels(join(out, "it's.png"))).values).toEqual(
        (await readPixels(at('whole.png'))).values,
      );
    },
  );

  it('by force can go on from what --save-every saved', async () => {
    const out = await outputFolder('killed');
    const args = ['stylize', content, style, '-o', join(out, 'out.png'), '--optimizer', 'adam', '--quiet'];
    const every = ['--average', '0.9', '--save-every', '40', ...work];
    const state = join(out, 'out.state.safetensors');
    const killed = await pastiche([...args, ...every], {
      onStart: (child) => void appears(state).then(() => child.kill('SIGKILL')),
    });
    expect(killed.signal).toBe('SIGKILL');
    const resumed = await pastiche([...args, ...every, '--resume', state]);
    expect({ code: resumed.code, stderr: resumed.stderr }).toEqual({ code: 0, stderr: '' });
    const whole = await pastiche([...args, '--average', '0.9', ...work, '-o', at('killed-whole.png')]);
    expect(whole.code).toBe(0);
    const values = async (path: string) => (await readPixels(path)).values;
    expect(await values(join(out, 'out.png'))).toEqual(await values(at('killed-whole.png')));
    expect(await readdir(out)).not.toContain('out.state.safetensors');
  });

  it.skipIf(withoutSignals)('twice quits at once, with nothing written', async () => {
    const out = await outputFolder('quit');
    const { signal } = await pastiche(['stylize', content, style, '-o', join(out, 'out.png'), ...work], {
      onStderr: (text, child) => {
        if (!text.includes('1 of 200 ')) return;
        child.kill('SIGINT');
        child.kill('SIGTERM');
      },
    });
    expect(['SIGINT', 'SIGTERM']).toContain(signal);
    expect(await readdir(out)).toEqual([]);
  });

  it.skipIf(withoutSignals)('by a terminal that is closed saves picture and state as well', async () => {
    const out = await outputFolder('hung-up');
    const { code, signal, stderr } = await pastiche(
      ['stylize', content, style, '-o', join(out, 'out.png'), ...work],
      { onStderr: (text, child) => void (text.includes(' of 200 ') && child.kill('SIGHUP')) },
    );
    expect({ code, signal }).toEqual({ code: 129, signal: null });
    expect(stderr).toMatch(/^To go on: pastiche stylize .*--resume /m);
    expect((await readdir(out)).sort()).toEqual(['out.png', 'out.state.safetensors']);
    expect(await readPixels(join(out, 'out.png'))).toMatchObject({ width: 96, height: 70 });
  });

  it.skipIf(withoutSignals)('prints the state with --json', async () => {
    const out = await outputFolder('json');
    const page = join(out, 'page.html');
    const { code, stdout } = await pastiche(
      ['stylize', content, style, '-o', join(out, 'out.png'), '--json', '--report', page, ...work],
      { onStart: (child) => void appears(page).then(() => setTimeout(() => child.kill('SIGTERM'), 300)) },
    );
    expect(code).toBe(143);
    const result = JSON.parse(stdout) as { stopped: string; output: string | null; state?: string };
    expect(result.stopped).toBe('cancelled');
    if (result.output === null) expect(await readdir(out)).toEqual([]);
    else {
      expect(result.state).toBe(join(out, 'out.state.safetensors'));
      expect(await readFile(page, 'utf8')).toContain('<strong>Stopped</strong> after');
    }
  });
});

describe('--resume refuses', () => {
  it('a state of other work, what is no state, and a missing file', async () => {
    const out = await outputFolder('refused');
    const args = ['stylize', content, style, '-o', join(out, 'out.png'), '--quiet', ...work];
    const state = join(out, 'out.state.safetensors');
    await pastiche([...args, '--save-every', '10'], {
      onStart: (child) => void appears(state).then(() => child.kill('SIGKILL')),
    });
    await writeFile(at('broken.safetensors'), (await readFile(state)).subarray(0, 1000));
    const { stderr: other, code } = await pastiche([...args, '--resume', state, '--style-weight', '2']);
    expect({ code, other }).toEqual({
      code: 2,
      other:
        'error [E_STATE]: The saved state belongs to other pictures, another network or other settings.\n' +
        'Resume with the file that the interrupted run named, and with the same pictures and options as before; or start anew without --resume.\n',
    });
    for (const [file, error] of [
      [at('broken.safetensors'), 'E_STATE'],
      [content, 'E_STATE'],
      [at('missing.safetensors'), 'E_INPUT_MISSING'],
    ] as const) {
      const outcome = await pastiche([...args, '--resume', file]);
      expect(outcome.code).toBe(2);
      expect(outcome.stderr).toMatch(new RegExp(`^error \\[${error}\\]: .*${basename(file)}`));
    }
  });
});
