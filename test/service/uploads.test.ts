import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Job, Problem } from '../../src/service/job.js';
import { form, newFolder, pictureBytes, startService } from './service-run.js';

const data = await newFolder();
const limits = { pixels: 10_000, uploadBytes: 200_000, pictures: 4, uploadSeconds: 2 };
const { address } = await startService({ data, limits });
const good = await pictureBytes(1);

/** The CRC of a PNG's chunk. */
function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return (value ^ 0xffffffff) >>> 0;
}

/** A PNG file of few bytes whose header promises a picture of this size. */
function bomb(width: number, height: number): Buffer {
  const chunk = (name: string, content: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(name), content]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc(named));
    return Buffer.concat([length, named, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  const rows = deflateSync(Buffer.alloc(Math.min(100_000, 3 * width * height)));
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const formats = ['png', 'jpeg', 'webp', 'tiff', 'gif'] as const;
const whole = await Promise.all(formats.map((format) => sharp(good).toFormat(format).toBuffer()));

/** Files that are no pictures that the service takes. */
function badFiles(): Buffer[] {
  const texts = [
    '',
    ' ',
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    '%PDF-1.7',
    'GIF89a',
  ];
  const others = [
    Buffer.from('\x7fELF'),
    Buffer.from([0xff, 0xd8, 0xff]),
    Buffer.from('PK\x03\x04'),
    Buffer.alloc(5000),
  ];
  const noise = Array.from({ length: 20 }, (_, seed) =>
    Buffer.from(Array.from({ length: 300 }, (__, index) => (index * index * (seed + 3) + seed * 97) % 256)),
  );
  const truncated = whole.flatMap((file) =>
    [0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7].map((part) => file.subarray(0, Math.floor(file.length * part))),
  );
  const beheaded = whole.map((file) => Buffer.concat([Buffer.from([0, 1, 2, 3]), file.subarray(4)]));
  const sizes = [
    [200, 200],
    [10_001, 1],
    [1, 10_001],
    [30_000, 30_000],
    [65_535, 65_535],
    [2 ** 31 - 1, 2 ** 31 - 1],
  ];
  const bombs = sizes.map(([width, height]) => bomb(width!, height!));
  return [
    ...texts.map((text) => Buffer.from(text)),
    ...others,
    ...noise,
    ...truncated,
    ...beheaded,
    ...bombs,
  ];
}

/** Forms that are broken in other ways, with two sound pictures. */
function badForms(): FormData[] {
  const pictures = { picture: good, reference: good };
  const methods = [
    '',
    'nothing',
    'match_colors',
    '__proto__',
    'constructor',
    'gram-instability',
    'train',
    '../match',
  ];
  const options = [
    '',
    '[]',
    '1',
    'null',
    '"x"',
    '{',
    '{"strength":"x"}',
    '{"nothing":1}',
    '{"strength":-1}',
    'NaN',
  ];
  const named = methods.map((method) => form(method, {}, pictures));
  const set = options.map((text) => {
    const body = form('match-colors', {}, pictures);
    body.set('options', text);
    return body;
  });
  const roles = [
    form('match-colors', {}, {}),
    form('match-colors', {}, { picture: good }),
    form('match-colors', {}, { reference: good }),
    form('match-colors', {}, { ...pictures, mask: good }),
    form('match-colors', {}, { ...pictures, method: good }),
    form('match-colors', {}, pictures, { nothing: 'x' }),
    form('match-colors', {}, pictures, { network: 'vgg19' }),
    form('match-colors', {}, pictures, { format: 'exe' }),
    form('match-colors', {}, pictures, { format: '' }),
    form('apply', {}, { picture: good }),
  ];
  const twice = form('match-colors', {}, pictures);
  twice.append('reference', new Blob([new Uint8Array(good)]), 'again.png');
  const many = form('match-colors', {}, pictures);
  for (let index = 0; index < 9; index++) many.append('reference', new Blob([new Uint8Array(good)]), 'x.png');
  const doubled = form('match-colors', {}, pictures);
  doubled.append('method', 'match');
  return [...named, ...set, ...roles, twice, many, doubled];
}

/** Bodies that are no forms. */
const badBodies: [type: string, body: string][] = [
  ['multipart/form-data', 'x'],
  ['multipart/form-data; boundary=', 'x'],
  ['multipart/form-data; boundary=a', ''],
  ['multipart/form-data; boundary=a', '--b\r\n\r\n'],
  [
    'multipart/form-data; boundary=a',
    '--a\r\ncontent-disposition: form-data; name="picture"; filename="x"\r\n\r\nabc',
  ],
  ['multipart/form-data; boundary=a', '--a--\r\n'],
  ['application/json', '{}'],
  ['application/json', '{'],
  ['text/plain', 'x'],
  ['application/x-www-form-urlencoded', 'method=stylize'],
  ['image/png', 'x'],
  ['nonsense', 'x'],
];

async function refusedBy(response: Response): Promise<string> {
  const text = await response.text();
  if (response.status < 400 || response.status > 499) return `${response.status} ${text}`;
  const { error } = JSON.parse(text) as { error: Partial<Problem> };
  return error.code && error.message && error.remedy ? '' : text;
}

/** Sends a body piece by piece until there is an answer. @returns the answer's first line and its end */
function sendSlowly(begin: string, piece: string, pause: number): Promise<string> {
  const { port, hostname } = new URL(address);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname);
    socket.write(begin);
    const timer = setInterval(() => socket.write(piece), pause);
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve(answer);
    });
  });
}

describe('uploads that are no good', () => {
  const left = (): Promise<string[]> => readdir(join(data, 'jobs'));

  it('are refused with code and remedy, 200 of them, and nothing of them is kept', async () => {
    const send = async (body: FormData): Promise<string> =>
      refusedBy(await fetch(`${address}/jobs`, { method: 'POST', body }));
    const files = badFiles();
    const forms = [
      ...files.map((file) => form('match-colors', {}, { picture: file, reference: good })),
      ...files.map((file) => form('match-colors', {}, { picture: good, reference: file })),
      ...badForms(),
    ];
    const answers: string[] = [];
    for (const body of forms) answers.push(await send(body));
    for (const [type, body] of badBodies) {
      const headers = { 'content-type': type };
      answers.push(await refusedBy(await fetch(`${address}/jobs`, { method: 'POST', body, headers })));
    }
    expect(answers.filter((answer) => answer !== '')).toEqual([]);
    expect(answers.length).toBeGreaterThanOrEqual(200);
    await expect.poll(left).toEqual([]);
  });

  it('are refused while they are sent, where they never end or are too slow', async () => {
    const head = `POST /jobs HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: multipart/form-data; boundary=a\r\ntransfer-encoding: chunked\r\n\r\n`;
    const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
    const part = chunk('--a\r\ncontent-disposition: form-data; name="picture"; filename="x"\r\n\r\n');
    const large = chunk('x'.repeat(16_384));
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, () => sendSlowly(`${head}${part}`, large, 5)),
      ...Array.from({ length: 10 }, () => sendSlowly(`${head}${part}`, chunk('x'), 100)),
    ]);
    for (const [index, answer] of answers.entries()) {
      expect(answer).toMatch(index < 10 ? /^HTTP\/1.1 413 / : /^HTTP\/1.1 408 /);
      expect(answer).toMatch(index < 10 ? /"code":"E_LIMIT".*"remedy":"\w/ : /"code":"E_TIME".*"remedy":"\w/);
    }
    await expect.poll(left).toEqual([]);
  });

  it('do no harm to good ones beside them', async () => {
    const body = form('match-colors', {}, { picture: good, reference: good });
    const response = await fetch(`${address}/jobs`, { method: 'POST', body });
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as Job;
    expect(await left()).toEqual([id]);
  });
});
