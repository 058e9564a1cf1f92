import { describe, expect, it } from 'vitest';
import { hasFilmSuffix } from '../../src/films/film-formats.js';
import { createImage } from '../../src/images/image.js';
import { methods } from '../../src/methods/index.js';
import { picturesOf, rastersOf, type PictureSet } from '../../src/methods/method.js';
import { countPictures } from './method-runs.js';

const [a, b] = [createImage(1, 2, new Float32Array(6)), createImage(3, 1, new Float32Array(9))];
const pictures: PictureSet = {
  content: a,
  styles: [a, b],
  styleMasks: ['all', b],
  word: 'white',
  mask: undefined,
};

describe('pictures by role', () => {
  it('are lists, however many there are', () => {
    expect(picturesOf(pictures, 'content')).toEqual([a]);
    expect(picturesOf(pictures, 'styles')).toEqual([a, b]);
    expect(picturesOf(pictures, 'word')).toEqual(['white']);
    expect(picturesOf(pictures, 'mask')).toEqual([]);
    expect(picturesOf(pictures, 'nothing')).toEqual([]);
  });

  it('are counted, words among them', () => {
    expect(countPictures(pictures)).toEqual({ content: 1, styles: 2, styleMasks: 2, word: 1, mask: 0 });
  });

  it('have sizes where they are no words', () => {
    expect(rastersOf(pictures).map(({ width, height }) => `${width}x${height}`)).toEqual([
      ...['1x2', '1x2', '3x1', '3x1'],
    ]);
  });
});

describe.each(methods.map((method) => [method.name, method] as const))('the method %s', (_, method) => {
  it('has roles of different names, its subject needed and none of them an option', () => {
    const names = method.roles.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(method.roles[0]!.optional ?? false).toBe(false);
    expect(names.filter((name) => name in method.options.shape)).toEqual([]);
    for (const { option, optionValue } of method.roles) {
      if (option === undefined) continue;
      const valueOf = (): unknown => method.options.parse({ [option]: optionValue })[option];
      expect(valueOf()).toBe(optionValue);
    }
  });

  it('groups options that it has, each once', () => {
    const grouped = Object.values(method.groups ?? {}).flat();
    expect(grouped.filter((name) => !(name in method.options.shape))).toEqual([]);
    expect(new Set(grouped).size).toBe(grouped.length);
    // The network is no option of a method, which may have a default of its own all the same.
    const told = Object.keys(method.defaults ?? {}).filter((name) => !(name in method.options.shape));
    expect(told.filter((name) => name !== 'network' || method.network === undefined)).toEqual([]);
  });

  it('has examples whose options and pictures it takes', () => {
    // What the command line takes beside the method's own options.
    const around = ['report', 'network', 'dryRun', 'json'];
    expect(method.examples.length).toBeGreaterThan(0);
    for (const { options = {}, pictures: named } of method.examples) {
      const own = Object.entries(options).filter(([name]) => !around.includes(name));
      const counts = Object.fromEntries(
        Object.entries(named).map(([role, files]) => [role, [files].flat().length]),
      );
      // As for files: a film among the subjects counts as one.
      const films = [named[method.roles[0]!.name] ?? []].flat().filter(hasFilmSuffix).length;
      const given = method.films === true && films > 0 ? { ...counts, film: films } : counts;
      expect(method.resolve(Object.fromEntries(own), given)).toBeTypeOf('object');
      const known = method.roles.map(({ name }) => name);
      expect(Object.keys(named).filter((role) => !known.includes(role))).toEqual([]);
    }
  });

  it('fills its options in to the same settings each time', () => {
    const counts = Object.fromEntries(
      method.roles.filter(({ optional }) => optional !== true).map(({ name }) => [name, 1]),
    );
    expect(method.resolve({}, counts)).toEqual(method.resolve({}, counts));
    expect(method.terms(method.resolve({}, counts)).length > 0).toBe(method.stepwise?.() ?? false);
  });
});
