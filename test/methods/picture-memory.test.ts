import { describe, expect, it } from 'vitest';
import { createImage } from '../../src/images/image.js';
import { PictureMemory } from '../../src/methods/picture-memory.js';
import { errorOf } from './method-runs.js';

const picture = (value: number) => createImage(1, 1, new Float32Array(3).fill(value));

describe('values of pictures', () => {
  it('are computed once for each picture and key, also where two ask at the same time', async () => {
    const memory = new PictureMemory();
    const [one, other] = [picture(0), picture(0)];
    let computed = 0;
    const compute = () => Promise.resolve((computed += 1));
    const found = await Promise.all([
      memory.get(one, 'a', compute),
      memory.get(one, 'a', compute),
      memory.get(one, 'b', compute),
      memory.get(other, 'a', compute),
    ]);
    expect(found).toEqual([1, 1, 2, 3]);
    expect(await memory.get(one, 'b', compute)).toBe(2);
  });

  it('that could not be computed are tried again', async () => {
    const memory = new PictureMemory();
    const one = picture(0);
    const failed = memory.get(one, 'a', () => Promise.reject(new Error('not now')));
    expect(await errorOf(failed)).toMatchObject({ message: 'not now' });
    expect(await memory.get(one, 'a', () => Promise.resolve(5))).toBe(5);
  });
});
