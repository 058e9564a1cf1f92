import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pasticheHere } from './command-here.js';
import { makeWorkplace, type Outcome } from './command-line.js';
import { readPixels, writePicture } from './pictures.js';

/*
 * Panoramas are so narrow that the network's deep layers can't be reached at the coarse sizes that others begin with.
 * These sizes are left out.
 */

const folder = await makeWorkplace();
const at = (name: string): string => join(folder, name);
const panorama = await writePicture(at('panorama.jpg'), 2000, 50);
const upright = await writePicture(at('upright.png'), 50, 2000, 2);
const ordinary = await writePicture(at('ordinary.png'), 120, 90, 1);
const few = ['--iterations', '8', '--threads', '1', '--json'];

/** The result of a run that ends well, and the sizes that it was computed at. */
async function made(command: string, args: string[], name: string) {
  const whole = [command, ...args, '-o', at(name), ...few];
  const { code, stdout, stderr } = await pasticheHere(whole);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const plan = await pasticheHere([...whole, '--dry-run']);
  const { width, height } = await readPixels(at(name));
  const { iterations } = JSON.parse(stdout) as { iterations: number };
  const { scales } = JSON.parse(plan.stdout) as {
    scales: { width: number; height: number; iterations: number }[];
  };
  expect(scales.reduce((sum, scale) => sum + scale.iterations, 0)).toBe(iterations);
  return { width, height, iterations, longSides: scales.map((scale) => Math.max(scale.width, scale.height)) };
}

function expectRefusal({ code, stdout, stderr }: Outcome, text: RegExp): void {
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error \[E_IMAGE_SIZE\]: .*\.\n.*\.\n$/);
  expect(stderr).toMatch(text);
}

describe('a panorama', () => {
  it.each([
    ['2000x50', panorama, 2000, 50],
    ['50x2000', upright, 50, 2000],
  ])('of %s is repainted, beginning where all layers can be reached', async (_, picture, width, height) => {
    const result = await made('stylize', [picture, ordinary], 'photograph.png');
    // The steps that were asked for are done all the same.
    expect(result).toMatchObject({ width, height, iterations: 8 });
    expect(result.longSides.at(-1)).toBe(2000);
    expect(result.longSides.length).toBeLessThan(5);
  });

  it('is a painting, too', async () => {
    const result = await made('stylize', [ordinary, panorama, '--size', '700'], 'painting.png');
    expect(result).toMatchObject({ width: 700, height: 525, iterations: 8 });
    expect(result.longSides.at(-1)).toBe(700);
    expect(result.longSides).not.toContain(128);
  });

  it('is a texture’s sample', async () => {
    const result = await made(
      'texture',
      [panorama, '--size', '96x64', '--sample-size', '1000'],
      'texture.png',
    );
    expect(result).toMatchObject({ width: 96, height: 64 });
  });

  it('is reconstructed', async () => {
    const result = await made('reconstruct', [panorama, '--size', '800', '--layer', 'relu4_1'], 'layer.png');
    expect(result).toMatchObject({ width: 800, height: 20, iterations: 8 });
  });

  it.each([
    [
      'stylize',
      [panorama, ordinary, '--size', '128'],
      /panorama\.jpg", which is 2000x50, is looked at in 1\d\dx/,
    ],
    [
      'stylize',
      [ordinary, panorama, '--style-size', '96'],
      /panorama\.jpg", which is 2000x50, is looked at in 96x2/,
    ],
    [
      'texture',
      [panorama, '--size', '96x64', '--sample-size', '64'],
      /panorama\.jpg", which is 2000x50, is looked at in 64x2/,
    ],
    [
      'reconstruct',
      [panorama, '--size', '64', '--layer', 'relu5_1'],
      /which is 2000x50, is looked at in 64x2/,
    ],
  ])('is refused by name where no size is large enough: %s %j', async (command, args, text) => {
    expectRefusal(await pasticheHere([command, ...args, '-o', at('never.png'), '--threads', '1']), text);
    expectRefusal(await pasticheHere([command, ...args, '-o', at('never.png'), '--dry-run']), text);
  });
});
