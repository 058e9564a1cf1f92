import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { methods } from '../../src/methods/index.js';
import { startService } from './service-run.js';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { properties?: Record<string, unknown> }>>;
  };
}

const { app, address } = await startService();
const committed = JSON.parse(
  await readFile(join(import.meta.dirname, '../../docs/openapi.json'), 'utf8'),
) as Document;

describe('the description of the service', () => {
  it('is the one in docs, which `node bench/openapi.mjs` writes', async () => {
    const served = (await (await fetch(`${address}/openapi.json`)).json()) as Document;
    expect(served).toEqual(committed);
  });

  it('has every route that the server has, and no other', () => {
    const described = Object.entries(committed.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(
        (verb) => [verb.toUpperCase(), path.replaceAll(/\{(\w+)\}/g, ':$1')] as const,
      ),
    );
    expect(described.length).toBeGreaterThan(10);
    for (const [method, url] of described) expect(app.hasRoute({ method: method as 'GET', url })).toBe(true);
    // The router prints the verbs of each address in parentheses; those who answer to GET do so to HEAD.
    const printed = app.printRoutes({ commonPrefix: false });
    const routes = [...printed.matchAll(/\(([A-Z, ]+)\)/g)]
      .flatMap(([, verbs]) => verbs!.split(', '))
      .filter((verb) => verb !== 'HEAD');
    const hidden = ['/openapi.json'].length;
    expect(routes.length).toBe(described.length + hidden);
  });

  it('refers to schemas that it has', () => {
    const named = [...JSON.stringify(committed).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name!,
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !(name in committed.components.schemas))).toEqual([]);
  });

  it('has a form for each method, with all its pictures and options', () => {
    for (const { name, roles, options } of methods) {
      const schema = name
        .split('-')
        .map((word) => word[0]!.toUpperCase() + word.slice(1))
        .join('');
      const form = committed.components.schemas[`${schema}Form`]!.properties!;
      expect(Object.keys(form)).toEqual(
        expect.arrayContaining(['method', 'options', ...roles.map((role) => role.name)]),
      );
      const described = committed.components.schemas[`${schema}Options`]!.properties!;
      expect(Object.keys(described).sort()).toEqual(Object.keys(options.shape).sort());
    }
  });
});
