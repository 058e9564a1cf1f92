import { describe, expect, it } from 'vitest';
import { photographNames, splitName } from '../../src/service/photograph-names.js';

describe('the names of photographs', () => {
  it('are those of their files, without folders and what no name should have', () => {
    const given = [
      'a.jpg',
      '../../etc/b.png',
      'C:\\x\\c.webp',
      'd\r\nset-cookie: e.png',
      '.hidden',
      'f\u202egnp.exe',
    ];
    expect(photographNames(given)).toEqual([
      ...['a.jpg', 'b.png', 'c.webp', 'd__set-cookie_ e.png', 'hidden', 'f_gnp.exe'],
    ]);
  });

  it('are there where a file has none, or nothing that could be one', () => {
    expect(photographNames([undefined, '', '..', '/', ' . '])).toEqual(
      [1, 2, 3, 4, 5].map((number) => `picture-${number}`),
    );
  });

  it('differ without their suffixes, also where no letter is large', () => {
    const names = photographNames(['a.jpg', 'a.png', 'A.tif', 'a-2.jpg', 'a']);
    expect(names).toEqual(['a.jpg', 'a-2.png', 'A-3.tif', 'a-2-2.jpg', 'a-4']);
    const stems = names.map((name) => splitName(name).stem.toLowerCase());
    expect(new Set(stems).size).toBe(5);
  });

  it('are cut between characters, and keep their suffixes', () => {
    const [name] = photographNames([`${'🎨'.repeat(200)}.jpeg`]);
    expect(name).toBe(`${'🎨'.repeat(80)}.jpeg`);
    expect(splitName('v1.a sentence of many words')).toEqual({
      stem: 'v1.a sentence of many words',
      suffix: '',
    });
  });
});
