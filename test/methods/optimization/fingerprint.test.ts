import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createImage } from '../../../src/images/image.js';
import { fingerprint } from '../../../src/methods/optimization/fingerprint.js';
import { narrowVgg } from '../../networks/reference-vgg.js';

const weights = narrowVgg('vgg19');
const pixels = Float32Array.from({ length: 3 * 6 * 4 }, (_, i) => (i % 17) / 16);
const content = createImage(6, 4, pixels);
const style = createImage(4, 6, pixels);
const settings = { styleWeight: 1, layers: { relu1_1: 1 }, size: undefined, iterations: [3, 2] };
const pictures = { content, styles: [style] };
const own = fingerprint(settings, weights, pictures);

describe('a fingerprint', () => {
  it('is the same for equal settings, networks and pictures, whichever objects they are', () => {
    const copy = createImage(6, 4, pixels.slice());
    expect(fingerprint({ ...settings }, narrowVgg('vgg19'), { styles: [style], content: copy })).toBe(own);
    // Pixels may be a part of a larger buffer.
    const larger = new Float32Array(100);
    larger.set(pixels, 20);
    const part = createImage(6, 4, larger.subarray(20, 20 + pixels.length));
    expect(fingerprint(settings, weights, { ...pictures, content: part })).toBe(own);
  });

  it('does not look at the number of steps, and at no other setting less', () => {
    const more = { ...settings, iterations: 9, totalIterations: 9 };
    expect(fingerprint(more, weights, pictures)).toBe(own);
    for (const other of [{ styleWeight: 2 }, { layers: { relu1_1: 2 } }, { size: 6 }, { seed: 0 }]) {
      expect(fingerprint({ ...settings, ...other }, weights, pictures)).not.toBe(own);
    }
  });

  it('changes with every single value of a picture, by however little', () => {
    fc.assert(
      fc.property(fc.nat(pixels.length - 1), fc.constantFrom(2 ** -25, 1e-3, 0.5, -1), (place, change) => {
        const value = Math.fround(pixels[place]! + change);
        fc.pre(value !== pixels[place]);
        const changed = createImage(6, 4, pixels.with(place, value));
        expect(fingerprint(settings, weights, { ...pictures, content: changed })).not.toBe(own);
      }),
    );
  });

  it.each([
    ['of another form', { ...pictures, content: createImage(4, 6, pixels) }],
    [
      'with transparency',
      { ...pictures, content: createImage(6, 4, pixels, new Float32Array(24).fill(0.5)) },
    ],
    ['in another role', { content: style, styles: [content] }],
    ['more', { ...pictures, styles: [style, style] }],
    ['in a role of its own', { ...pictures, mask: content }],
    ['and words', { ...pictures, styleMasks: ['all'] }],
  ])('is another one for pictures %s', (_, other) => {
    expect(fingerprint(settings, weights, other)).not.toBe(own);
  });

  it('tells words, transparencies and the order of pictures apart', () => {
    const of = (more: object) => fingerprint(settings, weights, { ...pictures, ...more });
    expect(of({ styleMasks: ['all'] })).not.toBe(of({ styleMasks: ['white'] }));
    expect(of({ styles: [style, content] })).not.toBe(of({ styles: [content, style] }));
    const seen = (alpha: number) => of({ mask: createImage(6, 4, pixels, new Float32Array(24).fill(alpha)) });
    expect(seen(0.5)).not.toBe(seen(0.25));
  });

  it('is another one for another network', () => {
    const conv3_1 = weights.convolutions['conv3_1']!;
    const changed = { ...conv3_1, bias: conv3_1.bias.with(0, 1) };
    const convolutions = { ...weights.convolutions, conv3_1: changed };
    expect(fingerprint(settings, { ...weights, convolutions }, pictures)).not.toBe(own);
    expect(fingerprint(settings, narrowVgg('vgg16'), pictures)).not.toBe(own);
    const kernels = { ...conv3_1, weight: conv3_1.weight.with(7, 1) };
    const other = { ...weights, convolutions: { ...weights.convolutions, conv3_1: kernels } };
    expect(fingerprint(settings, other, pictures)).not.toBe(own);
    // A checksum that hands bits only upwards would not see two signs change.
    const negated = { ...conv3_1, weight: conv3_1.weight.map((value, i) => (i < 2 ? -value : value)) };
    const opposite = { ...weights, convolutions: { ...weights.convolutions, conv3_1: negated } };
    expect(fingerprint(settings, opposite, pictures)).not.toBe(own);
    const { preprocess: projection } = weights;
    expect(fingerprint(settings, { ...weights, projections: { conv3_1: projection } }, pictures)).not.toBe(
      own,
    );
    const preprocess = { ...weights.preprocess, bias: weights.preprocess.bias.with(0, 1) };
    expect(fingerprint(settings, { ...weights, preprocess }, pictures)).not.toBe(own);
  });
});
