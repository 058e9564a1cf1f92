import { describe, expect, it } from 'vitest';
import { createImage } from '../../../src/images/image.js';
import {
  reconstructionFigure,
  reconstructionLevels,
  styleLayersUpTo,
} from '../../../src/methods/reconstruct/levels.js';
import { narrowVgg } from '../../networks/reference-vgg.js';

const weights = narrowVgg('vgg19');

describe('the levels of the figure', () => {
  it('are those of the paper, as far as the weights reach', () => {
    expect(reconstructionLevels(weights).map(({ content, style }) => `${content} ${style}`)).toEqual([
      ...['relu1_2 relu1_1', 'relu2_2 relu2_1', 'relu3_2 relu3_1', 'relu4_2 relu4_1', 'relu5_2 relu5_1'],
    ]);
    const { conv5_2: _, ...convolutions } = weights.convolutions;
    expect(reconstructionLevels({ ...weights, convolutions }).at(-1)).toEqual({
      content: 'relu5_1',
      style: 'relu5_1',
    });
  });

  it('have all style layers before them', () => {
    expect(styleLayersUpTo(weights, 'relu3_1')).toEqual(['relu1_1', 'relu2_1', 'relu3_1']);
    expect(styleLayersUpTo(weights, 'block3_conv3')).toEqual(['relu1_1', 'relu2_1', 'relu3_1', 'relu3_3']);
  });

  it('make one sheet, with places left free for what is missing', () => {
    const image = createImage(128, 20, new Float32Array(3 * 128 * 20).fill(0.5));
    const levels = reconstructionLevels(weights);
    const [first] = levels;
    const part = { from: 'content', layer: first!.content, image } as const;
    const all = levels.flatMap(({ content, style }) => [
      { from: 'content', layer: content, image } as const,
      { from: 'style', layer: style, image } as const,
    ]);
    const [sparse, full] = [
      reconstructionFigure(image, levels, [part]),
      reconstructionFigure(image, levels, all),
    ];
    expect(full.width).toBeGreaterThan(6 * image.width);
    expect(full.height).toBeGreaterThan(2 * image.height);
    expect(sparse.height).toBe(full.height);
    const white = (rgb: Float32Array): number => rgb.filter((value) => value === 1).length;
    expect(white(sparse.rgb)).toBeGreaterThan(white(full.rgb) + 5 * 3 * image.width * image.height);
  });
});
