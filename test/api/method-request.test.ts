import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { methodFunctions } from '../../src/api/method-functions.js';
import { Session } from '../../src/api/session.js';
import { StyleError } from '../../src/errors.js';
import { errorOf, randomPicture } from '../methods/method-runs.js';
import { few, makeCallPictures } from './call-pictures.js';
import { toyPlatform } from './toy-platform.js';

const { folder, content, painting, photo, painted } = await makeCallPictures();

describe('a request that can not be', () => {
  const platform = toyPlatform();
  const { stylize, texture, harmonize, matchColors } = methodFunctions(platform);
  const pictures = { content, styles: painting };

  it.each<[name: string, run: () => PromiseLike<unknown>, expected: object]>([
    [
      'nothing',
      () => stylize(undefined as never),
      {
        code: 'E_ARGUMENT',
        message: 'stylize was called with nothing.',
        remedy: 'Give an object with content and styles.',
      },
    ],
    ['null', () => stylize(null as never), { message: 'stylize was called with null.' }],
    [
      'a path alone',
      () => stylize(photo as never),
      { message: expect.stringContaining('photo.png') as string },
    ],
    [
      'no picture',
      () => stylize({} as never),
      { option: 'content', message: 'stylize needs a picture as content, and none was given.' },
    ],
    [
      'a picture less',
      () => stylize({ content } as never),
      { option: 'styles', message: 'stylize needs a picture as styles, and none was given.' },
    ],
    ['an undefined picture', () => texture({ sample: undefined } as never), { option: 'sample' }],
    [
      'an empty list of pictures',
      () => stylize({ content, styles: [] }),
      { option: 'styles', message: 'stylize needs a picture as styles, and none was given.' },
    ],
    [
      'a list for one picture',
      () => stylize({ content: [content], styles: painting } as never),
      { option: 'content', message: "The picture content can't be Array." },
    ],
    [
      'a number as a path',
      () => stylize({ content: 3, styles: painting } as never),
      { option: 'content', message: "The picture content can't be number 3." },
    ],
    [
      'NaN as a path',
      () => stylize({ content, styles: NaN } as never),
      { option: 'styles', message: "The picture styles can't be number NaN." },
    ],
    [
      'an empty path',
      () => stylize({ content: '', styles: painting }),
      { option: 'content', message: "The picture content can't be an empty text." },
    ],
    [
      'null as a picture',
      () => stylize({ ...pictures, mask: null } as never),
      { option: 'mask', message: "The picture mask can't be null." },
    ],
    [
      'an object as a picture',
      () => stylize({ content: { width: 3 }, styles: painting } as never),
      { option: 'content', message: "The picture content can't be Object." },
    ],
    [
      'a path in a list of numbers',
      () => stylize({ content, styles: [painted, 7] } as never),
      { option: 'styles' },
    ],
    [
      'an unknown option',
      () => stylize({ ...pictures, colour: 'red' } as never),
      { option: 'colour', message: 'There is no option colour.' },
    ],
    [
      'NaN as an option',
      () => stylize({ ...pictures, styleWeight: NaN }),
      { option: 'styleWeight', message: "The option styleWeight can't be NaN." },
    ],
    [
      'a weight that is too large',
      () => texture({ sample: content, tvWeight: 1e31 }),
      { option: 'tvWeight' },
    ],
    [
      'an option of another type',
      () => stylize({ ...pictures, size: '512' } as never),
      { option: 'size', message: 'The option size can\'t be "512".' },
    ],
    ['an option of another method', () => stylize({ ...pictures, rematch: 3 }), { option: 'rematch' }],
    ['an option without its picture', () => stylize({ ...pictures, feather: 3 }), { option: 'feather' }],
    [
      'a picture that the method has not',
      () => stylize({ ...pictures, method: 'patches', mask: content }),
      { option: 'mask' },
    ],
    [
      'pictures that are no role',
      () => harmonize({ painting, composite: painting, mask: content, styles: painting } as never),
      { option: 'styles' },
    ],
    [
      'a network that is none',
      () => stylize({ ...pictures, network: 3 } as never),
      { option: 'network', message: "The network can't be 3." },
    ],
    ['a network without a name', () => stylize({ ...pictures, network: '' }), { option: 'network' }],
    [
      'threads that are none',
      () => stylize({ ...pictures, ...few }, { threads: 0 }),
      { option: 'threads', message: "The number of threads can't be 0." },
    ],
    [
      'half a thread',
      () => matchColors({ picture: content, reference: painting }, { threads: 0.5 }),
      { option: 'threads' },
    ],
  ])('is refused: %s', async (_, run, expected) => {
    const error = await errorOf(run());
    expect(error).toBeInstanceOf(StyleError);
    expect(error).toMatchObject({ code: 'E_ARGUMENT', ...expected });
    expect((error as StyleError).remedy).toMatch(/\.$/);
  });

  it.each<[name: string, run: () => PromiseLike<unknown>, expected: object]>([
    [
      'an unknown network',
      () => stylize({ ...pictures, network: 'no-such-network' }),
      { code: 'E_WEIGHTS_MISSING' },
    ],
    [
      'a missing file of weights',
      () => stylize({ ...pictures, network: './no/such.safetensors' }),
      { code: 'E_INPUT_MISSING' },
    ],
    [
      'a missing file',
      () => stylize({ content: join(folder, 'no.png'), styles: painting, ...few }),
      { code: 'E_INPUT_MISSING' },
    ],
    ['a folder', () => stylize({ content: folder, styles: painting, ...few }), { code: 'E_INPUT_KIND' }],
    [
      'bytes of no picture',
      () => stylize({ content: new Uint8Array(99), styles: painting, ...few }),
      { code: 'E_IMAGE_DECODE' },
    ],
    [
      'an address elsewhere',
      () => stylize({ content: new URL('https://example.com/a.png'), styles: painting, ...few }),
      { code: 'E_ARGUMENT' },
    ],
    [
      'a picture of too many pixels',
      () => stylize({ content: photo, styles: painting, ...few }, { maxPixels: 100 }),
      { code: 'E_IMAGE_SIZE' },
    ],
    [
      'a layer that there is not',
      () => stylize({ ...pictures, ...few, styleLayers: ['relu9_9'] }),
      { code: 'E_LAYER' },
    ],
    [
      'a picture too small for the layers',
      () => stylize({ content: randomPicture(4, 4, 1), styles: painting, iterations: 1 }),
      { code: 'E_IMAGE_SIZE' },
    ],
  ])('is refused: %s', async (_, run, expected) => {
    const error = await errorOf(run());
    expect(error).toBeInstanceOf(StyleError);
    expect(error).toMatchObject(expected);
  });

  it('leaves no runtime behind, and computes nothing', () => {
    expect(platform.runtimes.every(({ compiled, disposals }) => compiled === 0 && disposals === 1)).toBe(
      true,
    );
  });

  it('leaves a session as it was', async () => {
    const own = toyPlatform();
    await using session = new Session(own);
    const { reconstruct } = methodFunctions(own);
    await errorOf(reconstruct({ picture: content, layer: 'relu9_9' }, { session }));
    const { stopped } = await reconstruct({ picture: content, layer: 'relu1_1', iterations: 1 }, { session });
    expect(stopped).toBe('finished');
    expect(own.runtimes.map(({ disposals }) => disposals)).toEqual([0]);
  });
});
