import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const read = (file: string): Promise<string> => readFile(join(import.meta.dirname, '../..', file), 'utf8');

it('GitHub runs the README’s test command, with the oldest Node.js that package.json admits', async () => {
  const workflow = await read('.github/workflows/ci.yml');
  const command = /Run all tests:\n\n```sh\n(.*)\n```/.exec(await read('README.md'))![1]!;
  expect(workflow).toContain(`- run: ${command}\n`);
  const { engines } = JSON.parse(await read('package.json')) as { engines: { node: string } };
  expect(`>=${/node: \['([\d.]+)'/.exec(workflow)![1]!}`).toBe(engines.node);
});
