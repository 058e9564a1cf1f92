import { Writable } from 'node:stream';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { StyleError } from '../../src/errors.js';
import { reportFailure } from '../../src/cli/failure.js';

function report(error: unknown, json = false, environment: NodeJS.ProcessEnv = {}) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  const code = reportFailure(error, json, {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    environment,
  });
  return { code, ...written };
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
