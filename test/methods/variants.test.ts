import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createImage, type Image } from '../../src/images/image.js';
import type { AnyMethod, Method, MethodOutcome, PictureSet } from '../../src/methods/method.js';
import { parseOptions } from '../../src/methods/options.js';
import { PictureMemory } from '../../src/methods/picture-memory.js';
import { ProgramCache } from '../../src/runtime/program-cache.js';
import { withVariants } from '../../src/methods/variants.js';
import { FakeRuntime } from '../fake-runtime.js';
import { narrowVgg } from '../networks/reference-vgg.js';
import { thrownBy } from './method-runs.js';

const picture = (width: number): Image => createImage(width, 1, new Float32Array(3 * width));
const [a, b, c] = [picture(1), picture(2), picture(3)];

interface Seen extends MethodOutcome {
  readonly pictures: PictureSet;
  readonly settings: object;
}

/** A method that gives what it was given. */
function echo(name: string, more: Pick<AnyMethod, 'roles' | 'options'> & Partial<AnyMethod>): AnyMethod {
  const method: Method<object, object, PictureSet, Seen> = {
    ...{ name, description: `does ${name}`, examples: [], output: { kind: 'none' } },
    resolve: (options) => parseOptions(more.options, options),
    network: () => `network of ${name}`,
    plan: ({ pictures }) => ({
      ...{ width: Object.keys(pictures).length, height: 1, scales: [], memoryBytes: 0, operations: 0 },
    }),
    longestSide: (_settings, role) => role.length,
    resized: (settings, longSide, pictures, iterations) => ({
      ...settings,
      resized: [longSide, Object.keys(pictures), iterations],
    }),
    terms: () => ['style'],
    run: ({ pictures, settings }) => Promise.resolve({ stopped: 'finished', pictures, settings }),
    describe: (_settings, names) => ({
      title: name,
      before: more.roles[0]!.name,
      facts: Object.entries(names) as never,
    }),
    ...more,
  };
  return method as AnyMethod;
}

const paint = echo('paint', {
  roles: [
    { name: 'content', description: 'a photograph', argument: true },
    { name: 'styles', description: 'paintings', several: true },
    { name: 'mask', description: 'a mask', optional: true },
  ],
  options: z.strictObject({ weight: z.number().min(0).default(1), size: z.int().min(1).optional() }),
  defaults: { weight: 'of paint' },
  stepwise: () => true,
});
const mend = echo('mend', {
  roles: [
    { name: 'whole', description: 'what is mended' },
    { name: 'piece', description: 'what it is mended with' },
    { name: 'mask', description: 'where it is mended' },
  ],
  batch: false,
  stepwise: (settings?: { readonly glue?: string }) => settings?.glue === 'thin',
  options: z.strictObject({
    weight: z.number().min(0).default(7),
    glue: z.enum(['thin', 'thick']).default('thick'),
  }),
});
const method = withVariants({
  ...{ name: 'both', description: 'paints or mends', examples: [], notes: 'Notes.' },
  ...{ option: 'way', optionDescription: 'how' },
  variants: {
    paint: { method: paint },
    mend: { method: mend, roles: { whole: 'content', piece: 'styles' } },
  },
});
const resolve = (options: object, counts?: Record<string, number>): object =>
  method.resolve(options, counts) as object;
const refused = (options: object, counts?: Record<string, number>) =>
  thrownBy(() => resolve(options, counts)) as Error & { option?: string; remedy: string };

describe('the options of several methods in one', () => {
  it('are those of the first, of what chooses, and what the others have more', () => {
    expect(Object.keys(method.options.shape)).toEqual(['way', 'weight', 'size', 'glue']);
    expect(method.options.parse({})).toEqual({ way: 'paint', weight: 1, glue: 'thick' });
    expect(method).toMatchObject({
      name: 'both',
      roles: paint.roles,
      defaults: paint.defaults,
    });
    const ways = [undefined, { way: 'paint' }, { way: 'mend' }, { way: 'mend', glue: 'thin' }];
    expect(ways.map((settings) => method.stepwise!(settings))).toEqual([true, true, false, true]);
  });

  it("are each method's own, with its own defaults", () => {
    expect(resolve({})).toEqual({ way: 'paint', weight: 1 });
    expect(resolve({ way: undefined, size: 3 })).toEqual({ way: 'paint', weight: 1, size: 3 });
    expect(resolve({ way: 'mend' })).toEqual({ way: 'mend', weight: 7, glue: 'thick' });
    expect(resolve({ way: 'mend', glue: 'thin', weight: 2 })).toEqual({
      way: 'mend',
      weight: 2,
      glue: 'thin',
    });
  });

  it.each([
    [{ glue: 'thin' }, 'With way paint there is no option glue.', 'glue'],
    [{ way: 'mend', size: 3 }, 'With way mend there is no option size.', 'size'],
    [{ way: 'mend', weight: -1 }, "The option weight can't be -1.", 'weight'],
    [{ colour: 'red' }, 'There is no option colour.', 'colour'],
    [{ way: 'mend', colour: 'red' }, 'There is no option colour.', 'colour'],
    [{ way: 'burn' }, 'The option way can\'t be "burn".', 'way'],
    [{ way: 'constructor' }, 'The option way can\'t be "constructor".', 'way'],
    [{ way: ['mend'] }, 'The option way can\'t be ["mend"].', 'way'],
    [{ way: null }, "The option way can't be null.", 'way'],
    [{ way: 3 }, "The option way can't be 3.", 'way'],
    [{ way: NaN }, "The option way can't be NaN.", 'way'],
  ])('refuse %j', (options, message, option) => {
    expect(refused(options)).toMatchObject({ code: 'E_ARGUMENT', message, option });
  });

  it('that are another method’s are no matter where they are undefined', () => {
    expect(resolve({ way: 'mend', size: undefined })).toEqual({ way: 'mend', weight: 7, glue: 'thick' });
  });

  it('name what the chosen one takes where one is refused', () => {
    expect(refused({ way: 'mend', size: 3 }).remedy).toContain('which takes weight, glue');
    expect(refused({ way: 'burn' }).remedy).toBe('It takes one of paint, mend.');
  });
});

describe('the pictures of several methods in one', () => {
  it('are as many as each takes', () => {
    expect(resolve({}, { content: 1, styles: 2 })).toMatchObject({ way: 'paint' });
    expect(resolve({}, { content: 5, styles: 1, mask: 1 })).toMatchObject({ way: 'paint' });
    expect(resolve({ way: 'mend' }, { content: 1, styles: 1, mask: 1 })).toMatchObject({ way: 'mend' });
    // None of a role is none.
    expect(resolve({}, { content: 1, styles: 1, mask: 0, other: 0 })).toMatchObject({ way: 'paint' });
  });

  it.each([
    ['paint', { content: 1 }, 'With way paint there has to be a styles, and none is named.', 'styles'],
    [
      'paint',
      { content: 1, styles: 1, mask: 2 },
      'With way paint there is one picture for mask, not 2.',
      'mask',
    ],
    ['paint', { content: 1, styles: 1, hat: 1 }, 'With way paint there is no option hat.', 'hat'],
    ['mend', { content: 1, styles: 1 }, 'With way mend there has to be a mask, and none is named.', 'mask'],
    [
      'mend',
      { content: 1, styles: 2, mask: 1 },
      'With way mend there is one picture for styles, not 2.',
      'styles',
    ],
    [
      'mend',
      { content: 2, styles: 1, mask: 1 },
      'With way mend there is one picture for content, not 2.',
      'content',
    ],
  ])('are refused with %s %j', (way, counts, message, option) => {
    expect(refused({ way }, counts)).toMatchObject({ code: 'E_ARGUMENT', message, option });
  });

  it('reach a method by the names that it has for them', async () => {
    const run = (settings: object, pictures: PictureSet): Promise<Seen> =>
      method.run({
        ...{ settings, pictures, runtime: new FakeRuntime(), weights: narrowVgg('vgg19') },
        ...{ programs: new ProgramCache(new FakeRuntime()), memory: new PictureMemory() },
      }) as Promise<Seen>;
    const given = { content: a, styles: [b], mask: c };
    expect((await run(resolve({}), given)).pictures).toEqual(given);
    expect((await run(resolve({}), { content: a, styles: b })).pictures).toEqual({ content: a, styles: [b] });
    const mended = await run(resolve({ way: 'mend' }), given);
    expect(mended.pictures).toEqual({ whole: a, piece: b, mask: c });
    expect(mended.pictures['whole']).toBe(a);
    expect(mended.settings).toMatchObject({ weight: 7, glue: 'thick' });
  });
});

describe('what is asked of several methods in one', () => {
  const [painted, mended] = [resolve({}), resolve({ way: 'mend' })];
  const pictures = { content: a, styles: [b], mask: c };

  it('is asked of the chosen one', () => {
    expect([painted, mended].map((settings) => method.network!(settings) as string)).toEqual([
      'network of paint',
      'network of mend',
    ]);
    expect(method.plan({ settings: mended, pictures }, undefined)).toEqual(
      mend.plan({ settings: mended, pictures: { whole: a, piece: b, mask: c } }, undefined),
    );
    expect(method.terms(mended)).toEqual(['style']);
  });

  it('is about its own roles and answered about those of the whole', () => {
    // The length of the role's name, as the method has it.
    expect(method.longestSide!(painted, 'content')).toBe('content'.length);
    expect(method.longestSide!(mended, 'content')).toBe('whole'.length);
    expect(method.longestSide!(mended, 'styles')).toBe('piece'.length);
    expect(method.longestSide!(mended, 'mask')).toBe('mask'.length);
    const names = { content: ['a.png'], styles: ['b.png'] };
    const plan = method.plan({ settings: mended, pictures }, undefined);
    expect(method.describe(mended, names, plan)).toEqual({
      title: 'mend',
      before: 'content',
      facts: [
        ['whole', ['a.png']],
        ['piece', ['b.png']],
      ],
    });
  });

  it('keeps the choice in other sizes', () => {
    expect(method.resized!(mended, 64, pictures, 5)).toEqual({
      ...mended,
      resized: [64, ['whole', 'piece', 'mask'], 5],
    });
    expect(method.resized!(painted, 64, pictures)).toMatchObject({ way: 'paint' });
  });
});
