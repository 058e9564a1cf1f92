import { describe, expect, it } from 'vitest';
import { methodFunctions } from '../../src/api/method-functions.js';
import { decodeImage } from '../../src/images/codec.node.js';
import { encodeEnlargingModel } from '../../src/networks/enlarging-model.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorOf } from '../methods/method-runs.js';
import { toyEnlargingModel } from '../networks/toy-enlarging-model.js';
import { few, makeCallPictures } from './call-pictures.js';
import { toyPlatform } from './toy-platform.js';

const { folder, content, painting } = await makeCallPictures();
const model = toyEnlargingModel();
const platform = toyPlatform({
  loadEnlargingModel: (name) => Promise.resolve({ name, weights: model }),
});
const { enlarge, matchColors, stylize, evaluate } = methodFunctions(platform);

describe('enlarging', () => {
  it('takes a model in memory or from a file, and the default where none is given', async () => {
    const path = join(folder, 'toy.onnx');
    await writeFile(path, encodeEnlargingModel(model));
    const fromFiles = methodFunctions(toyPlatform()).enlarge;
    const results = [
      await enlarge({ picture: content, model }),
      await fromFiles({ picture: content, model: path }),
      await enlarge({ picture: content }),
    ];
    for (const { image } of results) {
      expect([image.width, image.height]).toEqual([4 * content.width, 4 * content.height]);
      expect(image.rgb).toEqual(results[0]!.image.rgb);
    }
    expect(results.map(({ network }) => network)).toEqual(['a model of factor 4', 'toy', 'enlarge-x4']);
  });

  it('refuses a model of another kind, a name that there is none of, and what is no model', async () => {
    const path = join(folder, 'no-model.onnx');
    await writeFile(path, 'no model');
    const { enlarge: fromFiles } = methodFunctions(toyPlatform());
    for (const [given, code] of [
      [path, 'E_WEIGHTS_FORMAT'],
      ['no-such-model', 'E_WEIGHTS_MISSING'],
      [join(folder, 'missing.onnx'), 'E_INPUT_MISSING'],
      [{ styles: [] }, 'E_ARGUMENT'],
    ] as const)
      expect(await errorOf(fromFiles({ picture: content, model: given as string }))).toMatchObject({ code });
  });

  it('follows any method that makes a picture', async () => {
    const request = { picture: content, reference: painting };
    const small = await matchColors(request);
    const expected = await enlarge({ picture: small.image, factor: 2 });
    const result = await matchColors(request, { enlarge: 2 });
    expect(result.image).toEqual(expected.image);
    const bytes = await result.encode('png', { bitDepth: 16 });
    expect(await decodeImage(bytes, 'result')).toMatchObject({ width: 80, height: 64 });
    const stylized = { content, styles: painting, ...few };
    const [plan, larger] = [await stylize.plan(stylized), await stylize.plan(stylized, { enlarge: 4 })];
    expect([larger.width, larger.height]).toEqual([4 * plan.width, 4 * plan.height]);
    expect(larger.scales).toEqual(plan.scales);
    const { image, iterations } = await stylize(stylized, { enlarge: 4 });
    expect([image.width, image.height, iterations]).toEqual([larger.width, larger.height, 4]);
  });

  it('is refused where there is no picture to enlarge, or it is large already', async () => {
    for (const run of [
      evaluate({ picture: content, content, style: painting }, { enlarge: 2 }),
      enlarge({ picture: content }, { enlarge: 2 }),
    ])
      expect(await errorOf(run)).toMatchObject({ code: 'E_ARGUMENT', option: 'enlarge' });
    const wrong = matchColors({ picture: content, reference: painting }, { enlarge: 3 as 2 });
    expect(await errorOf(wrong)).toMatchObject({ code: 'E_ARGUMENT' });
  });
});
