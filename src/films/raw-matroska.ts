import type { Size } from '../images/image.js';

/*
 * Uncompressed frames with their times, as a stream that ffmpeg reads. Its own raw formats have a fixed rate and no times, and a
 * film whose frames don't come at a fixed rate would lose some or gain some. Matroska (RFC 9559) is the simplest of those that
 * have them: elements of an identifier, a length and contents, and each may be written without knowing what follows.
 */

/** Microseconds: fine enough to find every tick of a film's own clock again. */
const nanosecondsPerTick = 1000;
/** The colour space's name for red, green and blue of 8 bits each. */
const rgb24 = [0x52, 0x47, 0x42, 24];

const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

/** A whole number from 0 on in so many bytes, the first the highest. */
const bytesOf = (value: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** (count - 1 - i)) % 256);

/** A length in eight bytes, of which the first bit says so. */
const lengthOf = (bytes: number): number[] => [1, ...bytesOf(bytes, 7)];

const element = (id: number, contents: readonly number[]): number[] => [
  ...identifier(id),
  ...lengthOf(contents.length),
  ...contents,
];

const identifier = (id: number): number[] =>
  bytesOf(id, id > 0xffffff ? 4 : id > 0xffff ? 3 : id > 0xff ? 2 : 1);

const number = (id: number, value: number): number[] => element(id, bytesOf(value, 8));

/**
 * What comes before all frames.
 * @param framesPerSecond about how many there are, which an encoder plans with; the times of the frames are what counts
 */
export function rawStreamHead({ width, height }: Size, framesPerSecond: number): Uint8Array {
  const ebml = [
    ...number(0x4286, 1),
    ...number(0x42f7, 1),
    ...number(0x42f2, 4),
    ...number(0x42f3, 8),
    ...element(0x4282, ascii('matroska')),
    ...number(0x4287, 4),
    ...number(0x4285, 2),
  ];
  const picture = [...number(0xb0, width), ...number(0xba, height), ...element(0x2eb524, rgb24)];
  const track = [
    ...number(0xd7, 1),
    ...number(0x73c5, 1),
    ...number(0x83, 1),
    ...number(0x9c, 0),
    ...number(0x23e383, Math.round(1e9 / framesPerSecond)),
    ...element(0x86, ascii('V_UNCOMPRESSED')),
    ...element(0xe0, picture),
  ];
  const unknownLength = [1, 255, 255, 255, 255, 255, 255, 255];
  return Uint8Array.from([
    ...element(0x1a45dfa3, ebml),
    ...identifier(0x18538067),
    ...unknownLength,
    ...element(0x1549a966, number(0x2ad7b1, nanosecondsPerTick)),
    ...element(0x1654ae6b, element(0xae, track)),
  ]);
}

/**
 * What comes before the values of one frame, which is a cluster of its own: times within a cluster have 16 bits only.
 * @param microseconds since the beginning, a whole number
 * @param bytes of the frame's values, red, green and blue of each pixel, in rows
 */
export function rawFrameHead(microseconds: number, bytes: number): Uint8Array {
  const time = number(0xe7, microseconds);
  // The track, the time within the cluster, and that the frame needs no other.
  const block = [0x81, 0, 0, 0x80];
  const simpleBlock = [...identifier(0xa3), ...lengthOf(block.length + bytes), ...block];
  const length = time.length + simpleBlock.length + bytes;
  return Uint8Array.from([...identifier(0x1f43b675), ...lengthOf(length), ...time, ...simpleBlock]);
}
