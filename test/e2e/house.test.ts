import { join } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { runNpm } from '../platform.js';

const root = join(import.meta.dirname, '../..');

describe('the rules of the house', () => {
  it.each(['lint', 'docs'])('are kept: npm run %s', { timeout: 1_200_000 }, async (script) => {
    const outcome = await runNpm('npm', ['run', script], { cwd: root }).catch(
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    expect('code' in outcome ? outcome.code : 0, outcome.stdout + outcome.stderr).toBe(0);
  });
});

describe('the import rule', () => {
  // Where an import leads needs no types, and they would be worked out anew for every piece of code here.
  const eslint = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });
  const rulesBroken = async (file: string, code: string): Promise<(string | null)[]> => {
    const [result] = await eslint.lintText(`${code}\n`, { filePath: join(root, 'src', file) });
    return result!.messages.map(({ ruleId }) => ruleId);
  };

  it.each([
    ['graph/shape.ts', '../images/image.js'],
    ['networks/vgg.ts', '../methods/method.js'],
    ['losses/content.ts', '../images/image.js'],
    ['images/resize.ts', '../graph/index.js'],
    ['formats/npy.ts', '../weights/registry.js'],
    ['ranks/sorted-order.ts', '../images/image.js'],
    ['patch-match/windows.ts', '../methods/plan.js'],
    ['patch-match/windows.ts', '../runtime/native.node.js'],
    ['methods/plan.ts', '../runtime/native.node.js'],
    ['methods/plan.ts', '../api/platform.js'],
    ['methods/plan.ts', '../jobs/trace.js'],
    ['weights/registry.ts', '../images/image.js'],
    ['api/session.ts', '../jobs/trace.js'],
    ['api/session.ts', '../report/page.js'],
    ['api/session.ts', '../losses/terms.js'],
    ['report/page.ts', '../api/session.js'],
    ['report/page.ts', '../losses/gram.js'],
    ['report/page.ts', '../jobs/trace.js'],
    ['jobs/trace.ts', '../losses/gram.js'],
    ['jobs/trace.ts', '../node.js'],
    ['cli/text.ts', '../losses/gram.js'],
    ['cli/text.ts', '../node.js'],
    ['graph/shape.ts', '../index.js'],
    ['errors.ts', './images/image.js'],
    ['abort.ts', './images/image.js'],
    ['index.ts', './jobs/trace.js'],
    ['browser.ts', './jobs/trace.js'],
    ['engine.browser.ts', './jobs/trace.js'],
    ['node.ts', './cli/text.js'],
  ])('keeps %s from %s', async (file, path) => {
    expect(await rulesBroken(file, `export * from '${path}';`)).toContain('import-x/no-restricted-paths');
    expect(await rulesBroken(file, `export const later = () => import('${path}');`)).toContain(
      'import-x/no-restricted-paths',
    );
  });

  it.each([
    ['cli/text.ts', '../jobs/run-files.node.js'],
    ['cli/text.ts', '../losses/terms.js'],
    ['cli/text.ts', 'commander'],
    ['jobs/trace.ts', '../methods/stylize/options.js'],
    ['jobs/trace.ts', '../api/session.js'],
    ['api/session.ts', '../methods/method.js'],
    ['api/session.ts', '../abort.js'],
    ['patch-match/windows.ts', '../runtime/runtime.js'],
    ['methods/plan.ts', '../patch-match/windows.js'],
    ['methods/plan.ts', '../runtime/runtime.js'],
    ['methods/plan.ts', '../graph/index.js'],
    ['losses/content.ts', '../graph/index.js'],
    ['graph/shape.ts', '../errors.js'],
    ['images/decode.node.ts', 'sharp'],
    ['images/decode.node.ts', 'node:fs'],
    ['node.ts', './index.js'],
    ['browser.ts', './api/method-functions.js'],
    ['browser.ts', './api/platform.browser.js'],
    ['runtime/onnxruntime.browser.ts', 'onnxruntime-web/wasm'],
  ])('lets %s import %s', async (file, path) => {
    expect(await rulesBroken(file, `export * from '${path}';`)).toEqual([]);
  });

  it.each([
    ['graph/onnx.ts', 'onnxruntime-common', '@typescript-eslint/no-restricted-imports'],
    ['jobs/run-file.node.ts', 'sharp', '@typescript-eslint/no-restricted-imports'],
    ['images/image.ts', './codec.node.js', '@typescript-eslint/no-restricted-imports'],
    ['images/image.ts', './codec.browser.js', '@typescript-eslint/no-restricted-imports'],
    ['images/decode.node.ts', './codec.browser.js', '@typescript-eslint/no-restricted-imports'],
    ['images/codec.browser.ts', './codec.node.js', '@typescript-eslint/no-restricted-imports'],
    ['runtime/runtime.ts', 'onnxruntime-web/wasm', '@typescript-eslint/no-restricted-imports'],
    ['api/platform.browser.ts', 'onnxruntime-web/wasm', '@typescript-eslint/no-restricted-imports'],
    ['images/image.ts', 'sharp', '@typescript-eslint/no-restricted-imports'],
    ['index.ts', './node.js', '@typescript-eslint/no-restricted-imports'],
    ['browser.ts', './api/platform.node.js', '@typescript-eslint/no-restricted-imports'],
    ['images/image.ts', 'node:fs', 'import-x/no-nodejs-modules'],
    ['images/image.ts', 'fs', 'import-x/no-nodejs-modules'],
    ['images/image.ts', 'vitest', 'import-x/no-extraneous-dependencies'],
    ['graph/gradients.ts', './index.js', 'import-x/no-cycle'],
  ])('keeps %s from %s by %s', async (file, path, rule) => {
    expect(await rulesBroken(file, `export * from '${path}';`)).toContain(rule);
  });

  it('keeps what Node alone has from files for browsers', async () => {
    expect(await rulesBroken('images/image.ts', 'export const bytes = Buffer.alloc(1);')).toEqual([
      'no-restricted-globals',
    ]);
    expect(await rulesBroken('images/codec.node.ts', 'export const bytes = Buffer.alloc(1);')).toEqual([]);
  });

  it('keeps what browsers alone have to files for them', async () => {
    const code = 'export const address = location.href;';
    expect(await rulesBroken('images/image.ts', code)).toEqual(['no-restricted-globals']);
    expect(await rulesBroken('images/codec.node.ts', code)).toEqual(['no-restricted-globals']);
    expect(await rulesBroken('images/codec.browser.ts', code)).toEqual([]);
  });
});
