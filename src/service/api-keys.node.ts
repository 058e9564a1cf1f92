import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { argumentError } from '../errors.js';
import { outputError, replaceFile } from '../replace-file.node.js';

/** What is known of a key; the key itself is told once, when it is made. */
export interface ApiKey {
  readonly id: string;
  /** What it is for, in words. */
  readonly name: string;
  readonly created: string;
}

interface KeyFile extends ApiKey {
  /** SHA-256 of the key, in hexadecimal digits. A key has 256 random bits, so that a slow hash would add nothing. */
  readonly hash: string;
}

const idPattern = /^[0-9a-f]{12}$/;
const keyPattern = /^pastiche_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;
const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/**
 * The keys of the service's users, one file for each, so that one can be made and revoked while a server runs.
 */
export class ApiKeys {
  constructor(private readonly folder: string) {}

  /** @returns the key, which nobody can find out later */
  async create(name: string): Promise<{ readonly key: string; readonly record: ApiKey }> {
    const id = randomBytes(6).toString('hex');
    const key = `pastiche_${id}_${randomBytes(32).toString('base64url')}`;
    const record: ApiKey = { id, name, created: new Date().toISOString() };
    await mkdir(this.folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
      throw outputError(this.folder, cause);
    });
    const file: KeyFile = { ...record, hash: hashOf(key) };
    await replaceFile(this.path(id), Buffer.from(`${JSON.stringify(file, null, 2)}\n`));
    return { key, record };
  }

  async list(): Promise<ApiKey[]> {
    const names = await readdir(this.folder).catch((): string[] => []);
    const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));
    const files = await Promise.all(ids.map((id) => this.read(id)));
    return files
      .filter((file) => file !== undefined)
      .map(({ id, name, created }) => ({ id, name, created }))
      .sort((a, b) => a.created.localeCompare(b.created));
  }

  /** @throws StyleError `E_ARGUMENT` where there is no such key */
  async revoke(id: string): Promise<void> {
    if (idPattern.test(id) && (await this.read(id)) !== undefined) return rm(this.path(id));
    throw argumentError('id', `There is no key ${JSON.stringify(id)}.`, 'The list of keys has their ids.');
  }

  /** The record of a key that a request has. @returns undefined where it is none of them */
  async find(key: string): Promise<ApiKey | undefined> {
    const id = keyPattern.exec(key)?.[1];
    const file = id === undefined ? undefined : await this.read(id);
    if (file === undefined) return undefined;
    const same = timingSafeEqual(Buffer.from(hashOf(key), 'hex'), Buffer.from(file.hash, 'hex'));
    return same ? { id: file.id, name: file.name, created: file.created } : undefined;
  }

  private path(id: string): string {
    return join(this.folder, `${id}.json`);
  }

  private async read(id: string): Promise<KeyFile | undefined> {
    if (!idPattern.test(id)) return undefined;
    const text = await readFile(this.path(id), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as KeyFile);
  }
}
