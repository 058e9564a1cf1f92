import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pasticheHere } from './command-here.js';
import { makeWorkplace } from './command-line.js';
import { readPixels, writePicture } from './pictures.js';

const folder = await makeWorkplace();
const photo = await writePicture(join(folder, 'photo.png'), 70, 47);
const painting = await writePicture(join(folder, 'painting.png'), 61, 53, 1);
const files = ['correspondence.npy', 'correspondence.png', 'rebuilt.png', 'scores.npy', 'scores.png'];

const match = (output: string, ...args: string[]) =>
  pasticheHere(['match', photo, painting, '-o', output, '--threads', '1', ...args]);

/** Numbers of a .npy file behind its header. */
async function readNpy(path: string): Promise<{ header: string; numbers: DataView }> {
  const bytes = await readFile(path);
  const length = bytes.readUInt16LE(8);
  const numbers = new DataView(bytes.buffer, bytes.byteOffset + 10 + length, bytes.length - 10 - length);
  return { header: bytes.subarray(10, 10 + length).toString(), numbers };
}

describe('pastiche match', () => {
  it('writes field, scores, pictures', async () => {
    const output = join(folder, 'matched');
    const { code, stdout, stderr } = await match(output, '--layer', 'relu3_1', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((await readdir(output)).sort()).toEqual(files);
    const result = JSON.parse(stdout) as { coverage: number; meanScore: number };
    expect(result).toMatchObject({
      ...{ pictures: { picture: photo, reference: painting }, output },
      settings: { layer: 'relu3_1', patch: 3, stride: 1 },
      ...{ map: { width: 17, height: 11 }, referenceMap: { width: 15, height: 13 } },
    });
    const field = await readNpy(join(output, 'correspondence.npy'));
    expect(field.header).toContain("'shape': (11, 17, 2)");
    const rows = Array.from({ length: 11 * 17 }, (_, i) => field.numbers.getInt32(8 * i, true));
    const columns = Array.from({ length: 11 * 17 }, (_, i) => field.numbers.getInt32(8 * i + 4, true));
    expect(Math.min(...rows, ...columns)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...rows)).toBeLessThan(13);
    expect(Math.max(...columns)).toBeLessThan(15);
    expect(result.coverage).toBeCloseTo(
      new Set(rows.map((row, i) => row * 15 + columns[i]!)).size / (13 * 15),
      6,
    );
    const scores = await readNpy(join(output, 'scores.npy'));
    const total = Array.from({ length: 187 }, (_, i) => scores.numbers.getFloat32(4 * i, true));
    expect(result.meanScore).toBeCloseTo(total.reduce((sum, one) => sum + one, 0) / 187, 5);
    for (const name of ['correspondence.png', 'scores.png', 'rebuilt.png']) {
      expect(await readPixels(join(output, name))).toMatchObject({ width: 70, height: 47 });
    }
  });

  it('rebuilds a picture from itself as it is, and tells so', async () => {
    const output = join(folder, 'itself');
    const { code, stdout } = await pasticheHere(['match', photo, photo, '-o', output, '--layer', 'relu2_1']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/mean score +1\npart of the reference that is used +100 %\n/);
    const [before, after] = [await readPixels(photo), await readPixels(join(output, 'rebuilt.png'))];
    expect(after.values).toEqual(before.values);
  });

  it('looks for matches approximately where it is told to, by a seed that goes with nothing else', async () => {
    const output = join(folder, 'approximate');
    const { code, stdout } = await match(
      output,
      ...['--layer', 'relu1_1', '--search', 'approximate', '--seed', '2', '--json'],
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ settings: { search: 'approximate', seed: 2 } });
    expect((await readdir(output)).sort()).toEqual(files);
    const [seed, search] = await Promise.all([
      match(join(folder, 'nothing'), '--seed', '2'),
      match(join(folder, 'nothing'), '--search', 'fast'),
    ]);
    expect(seed).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error \[E_ARGUMENT\]: .*--seed is 2.*\n.*--search/) as string,
    });
    expect(search).toMatchObject({ code: 2, stderr: expect.stringContaining('approximate') as string });
  });

  it('refuses what it can’t use and leaves nothing behind', async () => {
    const output = join(folder, 'nothing');
    const taken = join(folder, 'taken');
    await writeFile(taken, '');
    const kept = join(folder, 'kept');
    await mkdir(join(kept, 'rebuilt.png'), { recursive: true });
    const [even, layer, file, missing, occupied] = await Promise.all([
      match(output, '--patch', '4'),
      match(join(folder, 'nothing-either'), '--layer', 'relu9_1'),
      match(taken),
      match(join(folder, 'a', 'b')),
      match(kept),
    ]);
    const code = (name: string) =>
      expect.stringMatching(new RegExp(`^error \\[${name}\\]: .*\\n.+\\n$`)) as string;
    expect(even).toMatchObject({ code: 2, stderr: code('E_ARGUMENT') });
    expect(layer).toMatchObject({ code: 2, stderr: code('E_LAYER') });
    for (const one of [file, missing, occupied])
      expect(one).toMatchObject({ code: 2, stderr: code('E_OUTPUT') });
    expect(await readdir(folder)).not.toContain('nothing');
    expect(await readdir(folder)).not.toContain('nothing-either');
    expect(await readdir(kept)).toEqual(['rebuilt.png']);
  });
});
