import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { StyleError } from '../../src/errors.js';
import { failureLines, reportFailure } from '../../src/cli/failure.js';
import { fakeTerminal } from './fake-terminal.js';

function report(error: unknown, json = false, environment: NodeJS.ProcessEnv = {}) {
  const terminal = fakeTerminal({ environment });
  const code = reportFailure(error, json, terminal);
  return { code, ...terminal.written };
}

const usageError = (...args: string[]): unknown => {
  const command = new Command('stylize')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  command.option('--size <N>').version('1');
  try {
    return command.parse(args, { from: 'user' });
  } catch (error) {
    return error;
  }
};

describe('what ends a command', () => {
  it('is told by code, sentence and remedy', () => {
    const error = new StyleError('E_DEVICE', 'This machine has no abacus.', 'Use --device cpu.');
    expect(report(error)).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error [E_DEVICE]: This machine has no abacus.\nUse --device cpu.\n',
    });
    expect(JSON.parse(report(error, true).stdout)).toEqual({
      error: { code: 'E_DEVICE', message: 'This machine has no abacus.', remedy: 'Use --device cpu.' },
    });
  });

  it('names the flag of its option, where no command has said it in its own words', () => {
    const error = new StyleError('E_OUTPUT', 'It can not go there.', 'Choose another place.', {
      option: 'toPlace',
    });
    expect(report(error).stderr).toBe(
      'error [E_OUTPUT]: It can not go there.\nChoose another place (--to-place).\n',
    );
  });

  it('names the file that it is about, where there are several', () => {
    const error = new StyleError('E_IMAGE_DECODE', 'It is broken.', 'Get it again.');
    expect(failureLines(error, 'a.png')).toBe(
      'error [E_IMAGE_DECODE]: a.png: It is broken.\nGet it again.\n',
    );
  });

  it('is a word about the working folder where that is gone', () => {
    const error = new Error('ENOENT: no such file or directory, uv_cwd');
    expect(report(error)).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error [E_INPUT_MISSING]: The working folder does not exist any more.\nChange to a folder that exists.\n',
    });
  });

  it('is a defect where nobody expected it, with the stack only on demand', () => {
    const error = new TypeError('x is not a function', { cause: new Error('deeper') });
    const plain = report(error);
    expect(plain).toMatchObject({ code: 1, stdout: '' });
    expect(plain.stderr).toMatch(/^error \[E_DEFECT\]: .*x is not a function\n.*Please report it.*\n$/);
    const full = report(error, false, { PASTICHE_DEBUG: '1' });
    expect(full.stderr).toContain('    at ');
    expect(full.stderr).toContain('Caused by: Error: deeper');
    expect(report('just text').stderr).toContain('just text');
  });

  it('is a word about how it is used', () => {
    expect(report(usageError('--siez', '4'))).toEqual({
      code: 2,
      stdout: '',
      stderr:
        "error [E_ARGUMENT]: Unknown option '--siez'.\nDid you mean --size? See --help for what there is.\n",
    });
    expect(report(usageError('--size')).stderr).toMatch(
      /^error \[E_ARGUMENT\]: Option '--size <N>' argument missing\.\n/,
    );
    expect(report(usageError('--help'))).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(report(usageError('--version'))).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});
