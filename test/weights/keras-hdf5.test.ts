import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readVggWeights } from '../../src/weights/vgg-files.js';
import {
  asFile,
  hdf5File,
  keras1Names,
  kerasDatasets,
  layers,
  torchvisionTensors,
  type Architecture,
} from './narrow-vgg.js';

const namings: [string, (layer: string) => [string, string]][] = [
  ['Keras 1, as published', keras1Names],
  ['Keras 2', (layer) => [`${layer}/${layer}/kernel:0`, `${layer}/${layer}/bias:0`]],
  [
    'a whole saved model',
    (layer) => [`model_weights/${layer}/${layer}/kernel:0`, `model_weights/${layer}/${layer}/bias:0`],
  ],
  ['Keras 3', (layer) => [`layers/${layer}/vars/1`, `layers/${layer}/vars/0`]],
];

describe('Keras HDF5', () => {
  // HDF5 writes its complaints to the terminal unless it is kept from it.
  const printed = vi.fn();
  beforeEach(() => {
    for (const method of ['log', 'warn', 'error'] as const)
      vi.spyOn(console, method).mockImplementation(printed);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    expect(printed).not.toHaveBeenCalled();
  });

  for (const [title, names] of namings) {
    it.each<Architecture>(['vgg19', 'vgg16'])(
      `${title}: %s has the kernels of the same network in PyTorch's order`,
      async (architecture) => {
        const weights = await readVggWeights(await hdf5File(kerasDatasets(architecture, names)), 'vgg.h5');
        const reference = await readVggWeights(asFile(torchvisionTensors(architecture)), 'tv');
        expect(weights.architecture).toBe(architecture);
        expect(Object.keys(weights.convolutions)).toEqual(
          layers[architecture].map((layer) => `conv${layer}`),
        );
        expect(weights.convolutions).toEqual(reference.convolutions);
        expect(weights.source).toEqual({ name: 'vgg.h5', format: 'Keras HDF5' });
      },
    );
  }

  it('takes blue, green, red in 0 .. 255 less their means', async () => {
    const { preprocess } = await readVggWeights(
      await hdf5File(kerasDatasets('vgg19', keras1Names)),
      'vgg.h5',
    );
    const [red, green, blue] = [0.25, 0.5, 1];
    const expected = [255 * blue - 103.939, 255 * green - 116.779, 255 * red - 123.68];
    expected.forEach((value, channel) => {
      const [r, g, b] = preprocess.weight.subarray(channel * 3);
      expect(r! * red + g! * green + b! * blue + preprocess.bias[channel]!).toBeCloseTo(value, 4);
    });
  });

  it('passes over the classifier, pooling layers and an optimiser', async () => {
    const datasets = kerasDatasets('vgg16', keras1Names);
    datasets.push({ path: 'fc1/fc1_W_1:0', shape: [2, 2], data: new Float32Array(4).fill(NaN) });
    datasets.push({
      path: 'optimizer_weights/Adam/block1_conv1/kernel/m:0',
      shape: [3, 3, 3, 2],
      data: new Float32Array(54),
    });
    const file = await hdf5File(datasets, ['block1_pool', 'block5_pool']);
    expect((await readVggWeights(file, 'vgg.h5')).architecture).toBe('vgg16');
  });

  it('reads float64', async () => {
    const datasets = kerasDatasets('vgg16', keras1Names).map((set) => ({
      ...set,
      data: Float64Array.from(set.data),
    }));
    const weights = await readVggWeights(await hdf5File(datasets), 'vgg.h5');
    expect(weights.convolutions['conv1_1']!.weight).toBeInstanceOf(Float32Array);
  });

  it('shows shapes in the order of the file', async () => {
    const datasets = kerasDatasets('vgg19', keras1Names);
    datasets[4] = {
      path: 'block2_conv1/block2_conv1_W_1:0',
      shape: [3, 3, 3, 2],
      data: new Float32Array(54),
    };
    await expect(readVggWeights(await hdf5File(datasets), 'vgg.h5')).rejects.toMatchObject({
      code: 'E_WEIGHTS_CONTENT',
      message: expect.stringContaining(
        'tensor block2_conv1/block2_conv1_W_1:0 has the shape [3, 3, 3, 2], and [3, 3, 2, any] was expected',
      ) as string,
    });
  });

  it('refuses Theano kernels, gaps, doubles, whole numbers and other networks', async () => {
    const refusal = async (datasets: ReturnType<typeof kerasDatasets>) =>
      readVggWeights(await hdf5File(datasets), 'vgg.h5').then(
        () => 'was accepted',
        (error: unknown) => error,
      );
    const content = (message: string) => ({
      code: 'E_WEIGHTS_CONTENT',
      message: expect.stringContaining(message) as string,
    });
    const [kernel, bias, ...rest] = kerasDatasets('vgg19', keras1Names);
    expect(await refusal([{ ...kernel!, shape: [2, 3, 3, 3] }, bias!, ...rest])).toMatchObject(
      content('[2, 3, 3, 3], and [3, 3, 3, any] was expected, since the photograph has 3 channels'),
    );
    expect(await refusal([kernel!, ...rest])).toMatchObject(
      content('tensor bias of block1_conv1 is missing, although the file goes on to kernel of block5_conv4'),
    );
    expect(
      await refusal([kernel!, bias!, { ...kernel!, path: 'copy/block1_conv1/kernel' }, ...rest]),
    ).toMatchObject(content('the layer block1_conv1 has a second weight'));
    expect(await refusal([{ ...kernel!, data: new Int32Array(kernel!.data.length) }, bias!])).toMatchObject(
      content('tensor block1_conv1/block1_conv1_W_1:0 has the element type <i, and float32 was expected'),
    );
    expect(await refusal([{ path: 'conv1/kernel', shape: [1], data: new Float32Array(1) }])).toMatchObject(
      content('it has no layer named block1_conv1'),
    );
  });

  it('says of a truncated or damaged file what is wrong with it', async () => {
    const file = await hdf5File(kerasDatasets('vgg19', keras1Names));
    for (const length of [8, 100, 2000, file.length - 1]) {
      await expect(readVggWeights(file.slice(0, length), 'cut.h5')).rejects.toMatchObject({
        code: 'E_WEIGHTS_FORMAT',
        message: expect.stringMatching(
          /^"cut\.h5" \(\d+ bytes\) is not a sound HDF5 file: [^\n]+\.$/,
        ) as string,
      });
    }
    await expect(readVggWeights(file.slice(0, file.length - 1), 'cut.h5')).rejects.toThrow(/truncated file/);
    const damaged = file.slice();
    damaged.fill(0xff, 96, 2000);
    await expect(readVggWeights(damaged, 'damaged.h5')).rejects.toMatchObject({ code: 'E_WEIGHTS_FORMAT' });
  });
});
