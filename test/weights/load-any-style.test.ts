import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { encodeStyleDecoderModel } from '../../src/networks/style-decoder-model.js';
import { createSession, style, stylize } from '../../src/node.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { toyTensors } from '../toy-tensors.js';
import { randomPicture } from '../methods/method-runs.js';
import { toyDecoderModel } from '../toy-any-style.js';

const reads = vi.hoisted((): string[] => []);
vi.mock('../../src/weights/weights-file.node.js', async (importOriginal) => {
  const original = await importOriginal<{ readWeightsFile: (path: string) => Promise<Uint8Array> }>();
  const readWeightsFile = (path: string): Promise<Uint8Array> => {
    reads.push(basename(path));
    return original.readWeightsFile(path);
  };
  return { ...original, readWeightsFile };
});

const folder = await mkdtemp(join(tmpdir(), 'pastiche-any-style-'));
const model = join(folder, 'any.onnx');
await writeFile(model, encodeStyleDecoderModel(toyDecoderModel()));
await writeFile(join(folder, 'pastiche-vgg.safetensors'), encodeSafetensors(toyTensors()));
vi.stubEnv('PASTICHE_MODELS', folder);
const runtime = createNativeRuntime({ threads: 1 });
afterAll(async () => {
  vi.unstubAllEnvs();
  await runtime.dispose();
  await rm(folder, { recursive: true });
});
beforeEach(() => void (reads.length = 0));

describe('the weights that are read', () => {
  const [content, styles] = [randomPicture(24, 20, 1), randomPicture(30, 24, 2)];
  const fast = { content, styles, fast: true, model };

  it('for one pass, and for the style of a painting, are those of its network', async () => {
    await stylize(fast, { session: createSession({ runtime }) });
    expect(reads).toEqual(['any.onnx']);
    await style({ painting: styles, model }, { session: createSession({ runtime }) });
    expect(reads).toEqual(['any.onnx', 'any.onnx']);
  });

  it('for a refinement are those that losses are measured with as well, once a session', async () => {
    const session = createSession({ runtime });
    await stylize({ ...fast, refine: 1 }, { session });
    await stylize({ ...fast, refine: 1, strength: 0.5 }, { session });
    expect(reads).toEqual(['any.onnx', 'pastiche-vgg.safetensors']);
  });
});
