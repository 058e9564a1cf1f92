import { expect, it } from 'vitest';
import { arraysOf, arrayTensors } from '../../src/formats/float-arrays.js';
import { encodeSafetensors, parseSafetensors } from '../../src/formats/safetensors.js';

it('arrays come back from a file in their precision, those of one prefix alone', () => {
  const moments = { first: Float32Array.of(0.1, -2), second: Float64Array.of(0.1, Infinity) };
  const tensors = { ...arrayTensors({ variable: Float32Array.of(3) }), ...arrayTensors(moments, 'adam.') };
  const file = parseSafetensors(encodeSafetensors(tensors), 'arrays');
  expect([...file.tensors.keys()].sort()).toEqual(['adam.first', 'adam.second', 'variable']);
  expect(arraysOf(file, 'adam.')).toEqual(moments);
  expect(arraysOf(file, 'average.')).toEqual({});
});
