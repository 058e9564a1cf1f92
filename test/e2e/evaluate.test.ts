import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readImage } from '../../src/images/codec.node.js';
import { evaluate as measure } from '../../src/node.js';
import { createNativeRuntime, type NativeRuntime } from '../../src/runtime/native.node.js';
import { loadVggWeights } from '../../src/weights/model-files.node.js';
import { pasticheHere } from './command-here.js';
import { makeWorkplace } from './command-line.js';
import { writePicture } from './pictures.js';
import { writeToyNetwork } from './toy-network.js';

const folder = await makeWorkplace();
const picture = await writePicture(join(folder, 'picture.png'), 70, 47, 4);
const content = await writePicture(join(folder, 'photo.png'), 61, 43);
const style = await writePicture(join(folder, 'painting.png'), 80, 50, 1);

interface Losses {
  readonly content: { mean: number; relative: number };
  readonly style: {
    gram: number;
    relative: number;
    meanStd: number;
    layers: Record<string, { gram: number }>;
  };
  readonly totalVariation: { absoluteMean: number; squaredSum: number };
}

describe('pastiche evaluate', () => {
  let runtime: NativeRuntime;
  beforeAll(() => void (runtime = createNativeRuntime({ threads: 1 })));
  afterAll(() => runtime.dispose());

  const evaluate = (path: string, ...args: string[]) =>
    pasticheHere(['evaluate', path, '--content', content, '--style', style, '--threads', '1', ...args]);

  it('prints what the library measures', async () => {
    const { code, stdout, stderr } = await evaluate(picture, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const weights = await loadVggWeights(join(await writeToyNetwork(), 'pastiche-vgg.safetensors'));
    const [image, photo, painting] = await Promise.all(
      [picture, content, style].map((path) => readImage(path)),
    );
    const direct = await measure(
      { picture: image!, content: photo!, style: painting!, network: weights },
      { runtime },
    );
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ input: picture, size: { width: 70, height: 47 }, pictures: { picture, content, style } },
      ...{ network: 'pastiche-vgg', device: 'cpu', threads: 1 },
      ...{ content: direct.content, style: direct.style, totalVariation: direct.totalVariation },
    });
  });

  it('finds no distance from a picture to itself, and total variation by its formula', async () => {
    const same = JSON.parse(
      (await pasticheHere(['evaluate', content, '--content', content, '--style', content, '--json'])).stdout,
    ) as Losses;
    expect(same.content).toEqual({ mean: 0, relative: 0 });
    expect(same.style).toMatchObject({ gram: 0, relative: 0, meanStd: 0 });
    expect(Object.keys(same.style.layers)).toEqual(['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1']);
    const { rgb, width, height } = await readImage(content);
    let [across, down, squares] = [0, 0, 0];
    for (let plane = 0; plane < 3; plane++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const value = rgb[(plane * height + y) * width + x]!;
          const right = x + 1 < width ? rgb[(plane * height + y) * width + x + 1]! - value : 0;
          const below = y + 1 < height ? rgb[(plane * height + y + 1) * width + x]! - value : 0;
          across += Math.abs(right);
          down += Math.abs(below);
          squares += right ** 2 + below ** 2;
        }
      }
    }
    const mean = 0.5 * (across / (3 * height * (width - 1)) + down / (3 * (height - 1) * width));
    expect(same.totalVariation.absoluteMean).toBeCloseTo(mean, 5);
    expect(same.totalVariation.squaredSum / squares).toBeCloseTo(1, 4);
  });

  it('prints a table to read', async () => {
    const { code, stdout } = await evaluate(picture);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^.*picture\.png, 70x47, under pastiche-vgg; lower is nearer\n\nContent .*\n {2}relu4_2 .*\nStyle .*\n( {2}relu\d_1( +[\d.e+-]+){3}\n){5} {2}all .*\nTotal variation .*\n +[\d.e+-]+ +[\d.e+-]+\n$/,
    );
  });

  it('refuses what it can’t use', async () => {
    const [missing, small, flag, network] = await Promise.all([
      evaluate(join(folder, 'missing.png')),
      evaluate(await writePicture(join(folder, 'small.png'), 8, 8)),
      pasticheHere(['evaluate', picture, '--content', content]),
      evaluate(picture, '--network', 'vgg19'),
    ]);
    const code = (name: string) =>
      expect.stringMatching(new RegExp(`^error \\[${name}\\]: .*\\n.+\\n$`)) as string;
    expect(missing).toMatchObject({ code: 2, stdout: '', stderr: code('E_INPUT_MISSING') });
    expect(small).toMatchObject({ code: 2, stdout: '', stderr: code('E_IMAGE_SIZE') });
    expect(flag).toMatchObject({ code: 2, stdout: '', stderr: code('E_ARGUMENT') });
    expect(network).toMatchObject({ code: 2, stdout: '', stderr: code('E_WEIGHTS_MISSING') });
  });
});
