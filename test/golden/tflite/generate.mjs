/*
 * Golden values of TFLite models, computed by LiteRT, Google's own runtime of such files, as WebAssembly (XNNPACK).
 *
 *     npm install --prefix LITERT @litertjs/core@2.5.3     # anywhere outside of this repository; it is no dependency
 *     node test/golden/tflite/generate.mjs LITERT FOLDER
 *
 * writes the models of test/networks/toy-magenta.ts (random weights, Magenta's operators) and what LiteRT makes with them into FOLDER.
 * Tests read those here; they never need LiteRT. Compare before you replace one.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInThisContext } from 'node:vm';
import { build } from 'esbuild';

const [literFolder, folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: generate.mjs LITERT FOLDER');
mkdirSync(folder, { recursive: true });

const root = join(import.meta.dirname, '../../..');
const { outputFiles } = await build({
  stdin: {
    contents: `export * from './test/networks/toy-magenta.ts'; export * from './test/formats/tflite-writer.ts';
      export { encodeSafetensors } from './src/formats/safetensors.ts';`,
    resolveDir: root,
  },
  ...{ bundle: true, write: false, format: 'esm', platform: 'node' },
});
const code = `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`;
const { encodeSafetensors, encodeTflite, toyCodeLength, toyPrediction, toyTransformer } = await import(code);

// The package is for browsers' workers: what it takes from there.
const litert = resolve(literFolder, 'node_modules/@litertjs/core');
globalThis.self ??= globalThis;
globalThis.require = createRequire(import.meta.url);
[globalThis.__filename, globalThis.__dirname] = [join(litert, 'wasm/worker.js'), join(litert, 'wasm')];
globalThis.importScripts = (...files) => files.forEach((file) => runInThisContext(readFileSync(file, 'utf8')));
const { loadLiteRt, loadAndCompile, Tensor } = await import(pathToFileURL(join(litert, 'dist/index.js')).href);
await loadLiteRt(join(litert, 'wasm/'), { threads: false });

async function run(bytes, inputs) {
  const model = await loadAndCompile(bytes, { accelerator: 'wasm' });
  const outputs = await model.run(inputs.map(({ values, shape }) => new Tensor(values, shape)));
  return Float32Array.from(await outputs[0].data());
}

/** Waves and noise, as whole numbers of 255ths. */
function picture({ height, width }, phase) {
  const values = new Uint8Array(height * width * 3);
  let state = 1 + phase;
  for (let index = 0; index < values.length; index += 1) {
    const [x, y, channel] = [Math.floor(index / 3) % width, Math.floor(index / 3 / width), index % 3];
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const wave = Math.sin(0.21 * x + phase + channel) * Math.cos(0.13 * y * (1 + channel) - phase);
    values[index] = Math.round(127.5 + 90 * wave + 37 * (state / 2 ** 32 - 0.5) * 2);
  }
  const shape = [1, height, width, 3];
  return { bytes: { dtype: 'U8', shape, data: values }, input: { values: Float32Array.from(values, (v) => v / 255), shape } };
}

const tensors = {};
const f32 = (shape, data) => ({ dtype: 'F32', shape, data });
for (const [name, size, isQuantized] of [
  ['prediction', { height: 37, width: 45 }, false],
  ['prediction-int8', { height: 32, width: 32 }, true],
]) {
  const model = encodeTflite(toyPrediction(size, isQuantized));
  writeFileSync(join(folder, `${name}.tflite`), model);
  const style = picture(size, 2);
  tensors[`${name}.style`] = style.bytes;
  tensors[`${name}.code`] = f32([1, 1, 1, toyCodeLength], await run(model, [style.input]));
}
const style = Float32Array.from({ length: toyCodeLength }, (_, index) => Math.sin(1 + 2 * index));
const styleInput = { values: style, shape: [1, 1, 1, toyCodeLength] };
tensors.code = f32(styleInput.shape, style);
for (const [name, size] of [
  ['transformer', { height: 48, width: 40 }],
  ['transformer-odd', { height: 101, width: 77 }],
]) {
  const model = encodeTflite(toyTransformer(size));
  // One file for all sizes is the point: what LiteRT makes with another one of other sizes.
  if (name === 'transformer') writeFileSync(join(folder, `${name}.tflite`), model);
  const content = picture(size, 5);
  const [rows, columns] = [size.height, size.width].map((length) => 4 * Math.ceil(Math.ceil(length / 2) / 2));
  tensors[`${name}.content`] = content.bytes;
  tensors[`${name}.painted`] = f32([1, rows, columns, 3], await run(model, [content.input, styleInput]));
}
const metadata = { layout: 'NHWC; divide the pictures by 255', runtime: 'LiteRT 2.5.3 on WebAssembly, XNNPACK' };
writeFileSync(join(folder, 'values.safetensors'), encodeSafetensors(tensors, metadata));
process.exit(0);
