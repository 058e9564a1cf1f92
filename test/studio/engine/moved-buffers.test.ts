import { describe, expect, it } from 'vitest';
import { movedBuffers } from '../../../src/studio/engine/moved-buffers.js';

describe('what a message hands over', () => {
  it('is the memory of its numbers, each once, however deep they are', () => {
    const [pixels, field, state] = [new Uint8ClampedArray(8), new Int32Array(4), new Uint8Array(3)];
    const message = {
      stopped: 'finished',
      image: { data: pixels, width: 2, height: 1 },
      walk: { curve: [{ total: 1 }], states: [state, state.subarray(1)] },
      correspondence: { field, scores: undefined },
      files: { 'a.npy': new Blob(['a']) },
    };
    expect(new Set(movedBuffers(message))).toEqual(new Set([pixels.buffer, field.buffer, state.buffer]));
    expect(movedBuffers(message)).toHaveLength(3);
    const received = structuredClone(message, { transfer: movedBuffers(message) });
    expect([pixels.length, field.length, state.length]).toEqual([0, 0, 0]);
    expect(received.correspondence.field).toHaveLength(4);
  });

  it('is not what threads share', () => {
    expect(movedBuffers({ heap: new Float32Array(new SharedArrayBuffer(8)) })).toEqual([]);
  });

  it('is nothing of a message without numbers', () => {
    expect(movedBuffers(undefined)).toEqual([]);
    expect(movedBuffers([{ name: 'relu1_1' }, null, 3])).toEqual([]);
  });
});
