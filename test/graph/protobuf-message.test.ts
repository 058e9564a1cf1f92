import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { MessageCodec } from '../../src/graph/protobuf-message.js';

const codec = new MessageCodec({
  Outer: {
    name: [1, 'string'],
    numbers: [2, 'int64', 'repeated'],
    inner: [3, 'Inner', 'repeated'],
    values: [5, 'float', 'repeated'],
  },
  Inner: { raw: [1, 'bytes'], count: [2, 'int32'] },
});
/** The package's own reading and writing of the same messages, with one field more. */
const reflection = protobuf
  .parse(
    `syntax = "proto3";
  message Outer { string name = 1; repeated int64 numbers = 2; repeated Inner inner = 3; string other = 4; repeated float values = 5; }
  message Inner { bytes raw = 1; int32 count = 2; }`,
  )
  .root.lookupType('Outer');

const message = {
  name: 'ö',
  numbers: [1, -3, 300],
  inner: [{ raw: Uint8Array.of(1, 2), count: -7 }, { count: 5 }],
  values: [0.5, -2],
};

describe('messages of protocol buffers', () => {
  it('have the bytes that the package makes of them', () => {
    expect([...codec.encode('Outer', message)]).toEqual([...reflection.encode(message).finish()]);
  });

  it('are read as they were written, whatever the package packs', () => {
    const read = codec.decode('Outer', reflection.encode(message).finish()) as typeof message;
    expect({ ...read, numbers: read.numbers.map(Number) }).toEqual({
      ...message,
      inner: [{ raw: expect.anything(), count: -7 }, { count: 5 }],
    });
    expect([...read.inner[0]!.raw!]).toEqual([1, 2]);
  });

  it('keep fields that nobody named', () => {
    const bytes = reflection.encode({ ...message, other: 'kept' }).finish();
    const again = codec.encode('Outer', codec.decode('Outer', bytes));
    expect(reflection.toObject(reflection.decode(again))['other']).toBe('kept');
  });

  it('are refused where they are cut off, at any byte of the last field', () => {
    const bytes = codec.encode('Outer', message);
    for (const left of [1, 2, 5])
      expect(() => codec.decode('Outer', bytes.subarray(0, -left))).toThrow(RangeError);
  });
});
