import { describe, expect, it } from 'vitest';
import { readTiff, tiffTag, withTiffFields } from '../../src/images/tiff-directory.js';
import { scatter } from './fixtures.js';
import { tiff, type TiffOptions } from './tiff-fixture.js';

const options: TiffOptions = {
  ...{ width: 4, height: 2, channels: 3, bits: 16, photometric: 2, samples: scatter(24, 65_536) },
  fields: { 271: [2, Buffer.from('A camera maker\0')] },
  subDirectories: [{ 262: [3, [1]] }, { 262: [3, [32_803]], 258: [3, [14]] }],
};

/** A BigTIFF file of one directory. */
function bigTiff(entries: readonly (readonly [tag: number, type: number, value: number])[]): Buffer {
  const bytes = Buffer.alloc(16 + 8 + 20 * entries.length + 8);
  bytes.write('II+\0\x08\0\0\0', 'latin1');
  bytes.writeBigUInt64LE(16n, 8);
  bytes.writeBigUInt64LE(BigInt(entries.length), 16);
  entries.forEach(([tag, type, value], i) => {
    const at = 24 + 20 * i;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeBigUInt64LE(1n, at + 4);
    bytes.writeBigUInt64LE(BigInt(value), at + 12);
  });
  return bytes;
}

describe('readTiff', () => {
  it('reads fields in both orders of bytes, and the directories within', () => {
    for (const bigEndian of [false, true]) {
      const { directories, littleEndian } = readTiff(tiff({ ...options, bigEndian }))!;
      expect(littleEndian).toBe(!bigEndian);
      expect(directories).toHaveLength(3);
      const [first, grey, mosaic] = directories;
      expect(first.numbers(256)).toEqual([4]);
      expect(first.numbers(tiffTag.bitsPerSample)).toEqual([16, 16, 16]);
      expect(first.text(tiffTag.make)).toBe('A camera maker');
      expect(first.numbers(tiffTag.extraSamples)).toEqual([]);
      expect(first.text(tiffTag.extraSamples)).toBe('');
      expect(grey!.numbers(tiffTag.photometric)).toEqual([1]);
      expect(mosaic!.numbers(tiffTag.photometric)).toEqual([32_803]);
    }
  });

  it('reads BigTIFF', () => {
    const file = bigTiff([
      [tiffTag.bitsPerSample, 3, 32],
      [tiffTag.photometric, 4, 8],
      [tiffTag.subDirectories, 16, 16],
    ]);
    // The directory within is the directory itself: a circle.
    const { directories } = readTiff(file)!;
    expect(directories).toHaveLength(1);
    expect(directories[0].numbers(tiffTag.bitsPerSample)).toEqual([32]);
    expect(directories[0].numbers(tiffTag.photometric)).toEqual([8]);
  });

  it('gives nothing for other files and for what is cut off before its directory ends', () => {
    const file = tiff(options);
    expect(readTiff(Buffer.from('II*'))).toBeUndefined();
    expect(readTiff(Buffer.from('a text of some length, not a TIFF file'))).toBeUndefined();
    expect(readTiff(file.subarray(0, file.length - 20))).toBeUndefined();
    expect(readTiff(Buffer.concat([Buffer.from('II*\0\xff\xff\xff\xff', 'latin1'), Buffer.alloc(20)]))).toBe(
      undefined,
    );
  });

  it('passes over fields that lead nowhere', () => {
    const file = tiff({ ...options, fields: { 330: [4, [0xffff_fff0, 12]] }, subDirectories: [] });
    expect(readTiff(file)!.directories[0].numbers(256)).toEqual([4]);
  });
});

describe('withTiffFields', () => {
  it('changes every number of a field, in a copy, and nothing else', () => {
    for (const bigEndian of [false, true]) {
      const file = tiff({ ...options, bigEndian });
      const before = Buffer.from(file);
      const parsed = readTiff(file)!;
      const changed = withTiffFields(file, parsed, {
        [tiffTag.bitsPerSample]: 8,
        [tiffTag.photometric]: 9,
        [tiffTag.dngVersion]: 1,
      });
      expect(file).toEqual(before);
      const [first] = readTiff(changed)!.directories;
      expect(first.numbers(tiffTag.bitsPerSample)).toEqual([8, 8, 8]);
      expect(first.numbers(tiffTag.photometric)).toEqual([9]);
      expect(first.numbers(tiffTag.dngVersion)).toEqual([]);
      expect([...changed].filter((byte, i) => byte !== before[i])).toHaveLength(4);
    }
  });
});
