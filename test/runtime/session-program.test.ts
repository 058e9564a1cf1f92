import { Tensor, type InferenceSession } from 'onnxruntime-common';
import { describe, expect, it, vi } from 'vitest';
import {
  modelFileError,
  runtimeError,
  SessionProgram,
  tensorsInPlace,
} from '../../src/runtime/session-program.js';

describe('a program on a session', () => {
  it('releases the session and says so, once', async () => {
    const session = { release: vi.fn(() => Promise.resolve()) };
    const gone = vi.fn();
    const types = { x: { shape: [1], dtype: 'float32' } } as const;
    const program = new SessionProgram(
      session as unknown as InferenceSession,
      tensorsInPlace(Tensor),
      { inputs: types, outputs: types },
      gone,
    );
    await program.dispose();
    await program.dispose();
    expect(session.release).toHaveBeenCalledTimes(1);
    expect(gone).toHaveBeenCalledExactlyOnceWith(program);
  });
});

describe('errors of ONNX Runtime', () => {
  it.each([
    ['Failed to allocate memory for requested buffer of size 4096', 'E_MEMORY'],
    ['std::bad_alloc', 'E_MEMORY'],
    ['CUDA failure 2: out of memory', 'E_MEMORY'],
    ['This is an invalid model.', 'E_RUNTIME'],
  ])('%s is %s', (message, code) => {
    const cause = new Error(message);
    expect(runtimeError('run', cause)).toMatchObject({ name: 'StyleError', code, cause });
  });
});

describe('errors of somebody’s model', () => {
  it.each([
    [
      'Load model failed: Fatal error: custom:Mosaic(-1) is not a registered function/op',
      /no operator custom:Mosaic,/,
    ],
    ['No Op registered for Mosaic with domain_version of 9', /no operator Mosaic,/],
    ['Could not find an implementation for Mosaic(1) node with name "a"', /no operator Mosaic,/],
    ['Protobuf parsing failed.\nat somewhere', /refuses the model: Protobuf parsing failed\.$/],
  ])('%s', (text, message) => {
    const found = modelFileError(new Error(text));
    expect(found).toMatchObject({ name: 'StyleError', code: 'E_WEIGHTS_FORMAT' });
    expect(found.message).toMatch(message);
  });

  it('for lack of memory are that', () => {
    expect(modelFileError(new Error('bad allocation'))).toMatchObject({ code: 'E_MEMORY' });
  });
});
