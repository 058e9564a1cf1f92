import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { setTimeout } from 'node:timers';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { argumentError, StyleError } from '../errors.js';
import { filmFormatOf, filmOutputName, filmSuffixes } from '../films/film-formats.js';
import { imageSuffixes } from '../images/codec.js';
import { findByName } from '../jobs/find-by-name.js';
import { methods } from '../methods/index.js';
import type { AnyMethod, PictureRole } from '../methods/method.js';
import type { JobFiles } from './job-files.js';
import type { JobRequest, RequestedPicture } from './job-store.js';
import { isFilmName } from './film-flow.js';
import { checkNetworkName } from './named-networks.node.js';
import { photographNames } from './photograph-names.js';
import { RequestRefusal } from './request-refusal.js';
import type { ServiceLimits } from './service-limits.js';

/** What a request's form has besides pictures. */
const textFields = ['method', 'options', 'network', 'format'] as const;

/** A file of a form. */
interface StoredPicture {
  readonly file: string;
  /** Of its field. */
  readonly name: string;
  /** What the sender calls it. */
  readonly filename: string | undefined;
  readonly digest: string;
}

/** A request for a job, with its pictures stored and its options checked. */
export interface Upload {
  readonly method: AnyMethod;
  readonly request: JobRequest;
  readonly fingerprint: string;
  /** What is asked for of each photograph, where there are several. */
  readonly children: readonly JobRequest[];
  /** The film that is to be painted, and what the result is called, which says its format. */
  readonly film: { readonly file: string; readonly output: string } | undefined;
  /**
   * The stored files that have to be pictures, and the roles that they have. One of several photographs that is none is found out
   * when it is done: it is not to stop the others.
   */
  readonly files: readonly { readonly file: string; readonly name: string }[];
}

const badForm = (message: string, remedy: string): RequestRefusal =>
  new RequestRefusal(400, 'E_UPLOAD', message, remedy);

const tooLarge = (what: string, limit: string): RequestRefusal =>
  new RequestRefusal(413, 'E_LIMIT', `${what}, and ${limit} are allowed.`, 'Send less.');

/**
 * Reads a request's form to its end and stores its pictures under names of ours.
 * @throws StyleError with what is wrong with it; nothing is stored then
 */
export async function receiveUpload(
  request: FastifyRequest,
  job: string,
  files: JobFiles,
  limits: ServiceLimits,
): Promise<Upload> {
  if (!request.isMultipart()) {
    throw new RequestRefusal(
      415,
      'E_UPLOAD',
      `A request of the type ${JSON.stringify(request.headers['content-type'] ?? 'none')} has no pictures.`,
      'Send a form as multipart/form-data.',
    );
  }
  const deadline = lateness(limits);
  const reading = readForm(request, job, files, limits);
  try {
    return await Promise.race([reading, deadline.passed]);
  } catch (error) {
    // What is still being written when time is over goes when the writing ends.
    const remove = (): Promise<void> => files.remove(job);
    void reading.then(remove, remove);
    await remove();
    throw formError(error, limits);
  } finally {
    deadline.clear();
  }
}

/** A promise that is broken when a request takes too long to arrive. */
function lateness({ uploadSeconds }: ServiceLimits): { readonly passed: Promise<never>; clear(): void } {
  let timer: NodeJS.Timeout;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new RequestRefusal(
          408,
          'E_TIME',
          `The request was not there after ${uploadSeconds} seconds.`,
          'Send smaller pictures, or use a faster line.',
        ),
      );
    }, uploadSeconds * 1000);
  });
  return { passed, clear: () => clearTimeout(timer) };
}

async function readForm(
  request: FastifyRequest,
  job: string,
  store: JobFiles,
  limits: ServiceLimits,
): Promise<Upload> {
  const texts = new Map<string, string>();
  const words: { role: string; word: string }[] = [];
  const stored: StoredPicture[] = [];
  let bytes = 0;
  const counted = async function* (part: MultipartFile, digest: ReturnType<typeof createHash>) {
    for await (const chunk of part.file as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > limits.uploadBytes) break;
      digest.update(chunk);
      yield chunk;
    }
    if (bytes > limits.uploadBytes)
      throw tooLarge('The pictures have more bytes', String(limits.uploadBytes));
  };
  // Bytes are counted here: the parser goes on to the end of a file that is over its own limit.
  const parts = request.parts({
    limits: {
      ...{ fileSize: Infinity, files: limits.pictures + limits.photographs, fieldSize: limits.optionBytes },
      ...{ fields: limits.pictures + textFields.length, headerPairs: 50, fieldNameSize: 100 },
    },
  });
  for await (const part of parts) {
    if (part.type === 'file') {
      // What a film is called says that it is one; of a name nothing else is taken.
      const known = filmSuffixes.find((suffix) => String(part.filename).toLowerCase().endsWith(suffix)) ?? '';
      const file = `input-${stored.length}${known}`;
      const digest = createHash('sha256');
      await store.save(job, file, counted(part, digest));
      const { fieldname: name, filename } = part;
      stored.push({ file, name, filename, digest: digest.digest('hex') });
    } else if (part.valueTruncated) {
      throw tooLarge(`The field ${part.fieldname.slice(0, 100)} has more bytes`, String(limits.optionBytes));
    } else if ((textFields as readonly string[]).includes(part.fieldname)) {
      if (texts.has(part.fieldname))
        throw badForm(`The field ${part.fieldname} is there twice.`, 'Send one.');
      texts.set(part.fieldname, String(part.value));
    } else words.push({ role: part.fieldname, word: String(part.value) });
  }
  return checkForm(texts, words, stored, limits);
}

/** @throws StyleError for a form that asks for nothing that can be done */
function checkForm(
  texts: ReadonlyMap<string, string>,
  words: readonly { readonly role: string; readonly word: string }[],
  stored: readonly StoredPicture[],
  limits: ServiceLimits,
): Upload {
  const named = texts.get('method');
  if (named === undefined) throw badForm('The form has no field method.', 'Send the name of a method.');
  const method = findByName('method', methods, named);
  const options = parseOptions(texts.get('options') ?? '{}');
  const pictures: Record<string, RequestedPicture[]> = {};
  const roleOf = (name: string): PictureRole => {
    const role = method.roles.find((one) => one.name === name);
    if (role !== undefined) return role;
    throw badForm(
      `The method ${method.name} takes no field ${JSON.stringify(name.slice(0, 100))}.`,
      `Its pictures are ${method.roles.map((one) => one.name).join(', ')}; the other fields are ${textFields.join(', ')}.`,
    );
  };
  const subject = method.roles[0]!.name;
  const photographs = stored.filter(({ name }) => name === subject);
  const film = filmOf(method, photographs, texts.get('format'));
  const isNamed = photographs.length > 1 || film !== undefined;
  const names = isNamed ? photographNames(photographs.map(({ filename }) => filename)) : [];
  for (const { file, name } of stored) {
    const known = (pictures[roleOf(name).name] ??= []);
    known.push({ file, ...(name === subject && names.length > 0 ? { name: names[known.length] } : {}) });
  }
  for (const { role: name, word } of words) {
    if (roleOf(name).isWord?.(word) !== true) {
      throw argumentError(
        name,
        `The field ${name} has no picture.`,
        'Send the bytes of a picture as a file of the form; addresses and paths are not opened.',
      );
    }
    (pictures[name] ??= []).push({ word });
  }
  const network = texts.get('network');
  checkRoleCounts(method, pictures, limits);
  const children =
    photographs.length > 1 ? pictures[subject]!.map((one) => ({ ...pictures, [subject]: [one] })) : [];
  checkMethod(method, options, children[0] ?? pictures, network, film !== undefined);
  const suffix = film === undefined ? suffixOf(texts.get('format') ?? 'png') : extname(film.output);
  const request: JobRequest = { method: method.name, options, network, suffix, pictures };
  const content = JSON.stringify([request, stored.map(({ digest }) => digest)]);
  const fingerprint = createHash('sha256').update(content).digest('hex');
  return {
    ...{ method, request, fingerprint },
    film,
    children: children.map((own) => ({ ...request, pictures: own })),
    files: stored
      .filter(({ name }) => (children.length === 0 && film === undefined) || name !== subject)
      .map(({ file, name }) => ({ file, name })),
  };
}

/**
 * The film that a request is about.
 * @throws StyleError `E_ARGUMENT` for one among others, `E_FILM_FORMAT` for one that can't be written
 */
function filmOf(
  { films }: AnyMethod,
  subjects: readonly StoredPicture[],
  format: string | undefined,
): Upload['film'] {
  const found = films === true ? subjects.filter(({ file }) => isFilmName(file, format)) : [];
  if (found.length === 0) return undefined;
  const [{ file, name }] = found as [StoredPicture];
  if (subjects.length > 1) {
    throw argumentError(
      name,
      `There are ${subjects.length} files as ${name}, and one of them is a film.`,
      'Send each film in a request of its own.',
    );
  }
  const output = format === undefined ? filmOutputName(file) : `film.${format}`;
  try {
    filmFormatOf(output);
  } catch (error) {
    if (!(error instanceof StyleError)) throw error;
    const message = `A film can't be written as ${JSON.stringify(format?.slice(0, 100))}.`;
    throw new StyleError(error.code, message, error.remedy, { option: 'format' });
  }
  return { file, output };
}

function parseOptions(text: string): Readonly<Record<string, unknown>> {
  let options: unknown;
  try {
    options = JSON.parse(text);
  } catch {
    throw argumentError('options', 'The field options is no JSON.', 'Send an object such as {"size": 512}.');
  }
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) {
    checkTexts(options);
    return options as Record<string, unknown>;
  }
  throw argumentError('options', 'The field options is no object.', 'Send an object such as {"size": 512}.');
}

/** How deep values of options may lie in each other; those of the methods lie in a list at most. */
const deepest = 8;

/** @throws StyleError `E_ARGUMENT` for a text that could name a file or an address, wherever it stands */
function checkTexts(options: object, depth = 0): void {
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (typeof value === 'object' && value !== null) {
      if (depth < deepest) checkTexts(value, depth + 1);
      else
        throw argumentError(
          'options',
          'The options lie too deep in each other.',
          'Send plain values and lists.',
        );
    }
    if (typeof value !== 'string' || !couldName(value)) continue;
    throw argumentError(
      'options',
      `The options can't have the text ${JSON.stringify(value.slice(0, 100))} as ${name.slice(0, 100)}.`,
      'The service opens no files or addresses that a request names: send pictures, and name networks.',
    );
  }
}

/** Whether a text could be a path or an address. */
const couldName = (text: string): boolean => (/[/\\\0]/.test(text) || text.includes('..')) && !isRange(text);

/** Numbers from one to another, such as `0..255`. */
const isRange = (text: string): boolean => /^[\d.:-]+$/.test(text) && !/(^|:)\.\.(:|$)/.test(text);

/** @throws StyleError `E_ARGUMENT` for a role with too few or too many pictures, `E_LIMIT` for too many of all */
function checkRoleCounts(
  method: AnyMethod,
  pictures: Readonly<Record<string, readonly RequestedPicture[]>>,
  limits: ServiceLimits,
): void {
  const subjects = pictures[method.roles[0]!.name]?.length ?? 0;
  const others = Object.values(pictures).flat().length - subjects;
  if (others + 1 > limits.pictures)
    throw tooLarge('There are more pictures', `${limits.pictures} pictures a job`);
  if (subjects > limits.photographs)
    throw tooLarge(`There are ${subjects} photographs`, `${limits.photographs} a request`);
  for (const [index, role] of method.roles.entries()) {
    const { name, description, optional, example, several, ofSubject } = role;
    const count = pictures[name]?.length ?? 0;
    if (count === 0 && optional !== true && example === undefined) {
      throw argumentError(name, `There is no picture ${name}.`, `Send ${description} as ${name}.`);
    }
    if (count > 1 && (index === 0 ? method.batch === false : several !== true)) {
      const remedy = index === 0 ? 'Send a request for each.' : 'Send one.';
      const taker = index === 0 ? `the method ${method.name}` : 'a job';
      throw argumentError(name, `There are ${count} pictures ${name}, and ${taker} takes one.`, remedy);
    }
    if (count > 0 && ofSubject === true && subjects > 1) {
      throw argumentError(
        name,
        `The picture ${name} is for one photograph, and there are ${subjects}.`,
        `Leave ${name} out, or send a request for each photograph.`,
      );
    }
  }
}

/** @throws StyleError as the method does for options that it can't use */
function checkMethod(
  method: AnyMethod,
  options: object,
  pictures: Readonly<Record<string, readonly RequestedPicture[]>>,
  network: string | undefined,
  isFilm: boolean,
): void {
  const pictureCounts = Object.entries(pictures).map(([role, { length }]) => [role, length] as const);
  const counts = { ...Object.fromEntries(pictureCounts), ...(isFilm ? { film: 1 } : {}) };
  const settings = method.resolve(options, counts) as object;
  if (network !== undefined && method.network === undefined) {
    throw argumentError('network', `The method ${method.name} uses no network.`, 'Leave network out.');
  }
  const name = network ?? method.network?.(settings);
  if (name !== undefined) checkNetworkName(name);
  else if (method.networkKind?.(settings) === 'model') {
    throw argumentError(
      'network',
      `No model is named for ${method.name}.`,
      'Name a style as network, such as wave.',
    );
  }
}

function suffixOf(format: string): string {
  const suffix = `.${format}`;
  if (Object.hasOwn(imageSuffixes, suffix)) return suffix;
  throw argumentError(
    'format',
    `There is no format ${JSON.stringify(format.slice(0, 100))}.`,
    `It is one of ${Object.keys(imageSuffixes)
      .map((one) => one.slice(1))
      .join(', ')}.`,
  );
}

/** What the form's parser says, in our words. */
function formError(error: unknown, limits: ServiceLimits): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'FST_FILES_LIMIT')
    return tooLarge('There are more pictures', `${limits.pictures + limits.photographs}`);
  if (code === 'FST_FIELDS_LIMIT' || code === 'FST_PARTS_LIMIT')
    return tooLarge('There are more fields', 'fewer');
  if (
    code.startsWith('FST_') ||
    /multipart|boundary|unexpected end|malformed|premature/i.test(String(error))
  ) {
    return badForm('The form is broken, or ends too early.', 'Send it again as multipart/form-data.');
  }
  return error;
}
