import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withoutShell } from '../platform.js';
import { main, makeWorkplace, runProcess, type Outcome } from './command-line.js';
import { readPixels, writePicture } from './pictures.js';

const folder = await makeWorkplace();
const photo = await writePicture(join(folder, 'photo.png'), 48, 40);
const painting = await writePicture(join(folder, 'painting.png'), 40, 48, 1);

let count = 0;
/** A folder of its own for the output of a test. */
async function makeFolder(): Promise<string> {
  const path = join(folder, `out ${++count}`);
  await mkdir(path);
  return path;
}

/** Runs a shell script in which `pastiche` is the command. */
const shell = (script: string, cwd: string, environment: Record<string, string> = {}): Promise<Outcome> =>
  runProcess('sh', ['-c', `pastiche() { '${process.execPath}' '${main}' "$@"; }; ${script}`], {
    cwd,
    environment,
  });

const stylize = `stylize '${photo}' '${painting}' -o out.png --iterations 3 --threads 1`;
const colors = `match-colors '${photo}' '${painting}' -o out.png`;
const whole = { width: 48, height: 40 };

describe.skipIf(withoutShell)('a reader that has seen enough', () => {
  it.each([
    ['results', `${colors} --json`],
    ['help', 'stylize --help'],
  ])('of %s is nothing to complain of', async (_, command) => {
    const { stdout, stderr } = await shell(
      `{ pastiche ${command}; echo "code $?" >&2; } | true`,
      await makeFolder(),
    );
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'code 0\n' });
  });

  it('of progress lets the work go on', async () => {
    const out = await makeFolder();
    const { stderr } = await shell(`{ pastiche ${stylize} 2>&1; echo "code $?" >&3; } 3>code | true`, out);
    expect({ stderr, code: await readFile(join(out, 'code'), 'utf8') }).toEqual({
      stderr: '',
      code: 'code 0\n',
    });
    expect((await readdir(out)).sort()).toEqual(['code', 'out.png']);
    expect(await readPixels(join(out, 'out.png'))).toMatchObject(whole);
  });

  it('and streams that are closed from the beginning, too', async () => {
    const out = await makeFolder();
    const { code } = await shell(`pastiche ${colors} >&- 2>&-`, out);
    expect(code).toBe(0);
    expect(await readPixels(join(out, 'out.png'))).toMatchObject(whole);
  });
});

describe.skipIf(!existsSync('/dev/full'))('a place for results that is full', () => {
  const told = "error [E_OUTPUT]: Standard output can't be written: the disk is full.\n";

  it.each([
    ['a line', `${colors}`],
    ['JSON', `${colors} --json`],
    ['a plan', `${stylize} --dry-run`],
    ['help', 'stylize --help'],
  ])('is told of in one line, and by the exit code: %s', async (_, command) => {
    const out = await makeFolder();
    const { code, stderr } = await shell(`pastiche ${command} > /dev/full`, out);
    expect({ code, stderr }).toEqual({ code: 1, stderr: told });
    if (command.startsWith('match-colors')) {
      expect(await readPixels(join(out, 'out.png'))).toMatchObject(whole);
    }
  });

  it('does not hide that something else went wrong', async () => {
    const { code, stderr } = await shell(
      `pastiche ${colors} --mode hue --json > /dev/full`,
      await makeFolder(),
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error \[E_ARGUMENT\]: --mode can't be "hue"\.\n.*\n/);
    expect(stderr.split('\n').length).toBeLessThanOrEqual(4);
  });

  it('of progress is no matter', async () => {
    const out = await makeFolder();
    const { code, stdout } = await shell(`pastiche ${stylize} 2> /dev/full`, out);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^out\.png: 48x40, 3 iterations/);
  });
});

describe.skipIf(withoutShell)('a working folder that was deleted', () => {
  const gone = (command: string, cwd: string): Promise<Outcome> =>
    shell(`rmdir "$PWD" && pastiche ${command}`, cwd);

  it('is no matter where paths are whole', async () => {
    const out = await makeFolder();
    const command = `match-colors '${photo}' '${painting}' -o '${join(out, 'out.png')}' --quiet`;
    expect(await gone(command, await makeFolder())).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await readPixels(join(out, 'out.png'))).toMatchObject(whole);
    expect(await gone('--version', await makeFolder())).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    ['an output', colors, /E_OUTPUT.*"out\.png" can't be written: its folder does not exist/],
    ['an input', `evaluate a.png --content '${photo}' --style '${painting}'`, /E_INPUT_MISSING/],
    [
      'a thread',
      stylize.replace('out.png', `'${join(folder, 'never.png')}'`),
      /E_INPUT_MISSING.*working folder/,
    ],
  ])('is told of where %s needs it', async (_, command, text) => {
    const { code, stdout, stderr } = await gone(command, await makeFolder());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(text);
    expect(stderr).toMatch(/^error \[\w+\]: .*\n.*\.\n$/);
    expect(existsSync(join(folder, 'never.png'))).toBe(false);
  });
});

/** Whether there is a program that gives another one a terminal: that of util-linux. */
function canMakeTerminal(): boolean {
  try {
    return execFileSync('script', ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] }).includes(
      'util-linux',
    );
  } catch {
    return false;
  }
}

describe.skipIf(!canMakeTerminal())('on a terminal', () => {
  const onTerminal = async (TERM: string): Promise<string> => {
    const out = await makeFolder();
    const command = `'${process.execPath}' '${main}' ${stylize.replaceAll("'", '')}`;
    const script = `script -qec "${command}" /dev/null`;
    const { code, stdout } = await shell(script, out, { TERM });
    expect(code).toBe(0);
    expect(await readPixels(join(out, 'out.png'))).toMatchObject(whole);
    return stdout;
  };

  it('that can draw there is a bar', async () => {
    const shown = await onTerminal('xterm');
    expect(shown).toContain('█');
    expect(shown).toContain('\u001b[');
  });

  it('that is dumb there are lines, and no escape code', async () => {
    const shown = await onTerminal('dumb');
    expect(shown).toMatch(/^48x40 {2}1 of 3 {2}loss .*\r?\nout\.png: 48x40, 3 iterations/);
    expect(shown).not.toContain('\u001b');
  });
});
