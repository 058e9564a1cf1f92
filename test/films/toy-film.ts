import { execFileSync } from 'node:child_process';
import { conditionalNetworkShapes } from '../../src/networks/conditional-network.js';
import { encodeStyleModel } from '../../src/networks/style-model.js';
import { createRandom } from '../../src/random.js';
import { sizeOf } from '../../src/graph/index.js';

/** A film in numbers, as ffprobe has it. */
export interface FilmFacts {
  readonly width: number;
  readonly height: number;
  readonly rate: string;
  readonly seconds: number;
  /** When each frame is shown, in seconds from the first one on. */
  readonly times: readonly number[];
  readonly sound: string | undefined;
}

/** Makes a film with ffmpeg; arguments are separated by spaces. */
export const ffmpeg = (args: string, ...more: readonly string[]): Buffer =>
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args.split(' '), ...more], {
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });

/** The frames of a film, as ffmpeg itself decodes them: bytes of red, green and blue. */
export const framesOf = (path: string): Buffer =>
  ffmpeg(`-i ${path} -fps_mode passthrough -f rawvideo -pix_fmt rgb24 -`);

/** What a film is. */
export function factsOf(path: string): FilmFacts {
  const args = ['-v', 'error', '-of', 'json', '-show_streams', '-show_format', '-show_packets', path];
  const found = JSON.parse(execFileSync('ffprobe', args).toString()) as {
    streams: Record<string, string | number>[];
    packets: { codec_type: string; pts_time: string }[];
  };
  const video = found.streams.find(({ codec_type }) => codec_type === 'video')!;
  const shown = found.packets
    .filter(({ codec_type }) => codec_type === 'video')
    .map(({ pts_time }) => Number(pts_time))
    .sort((a, b) => a - b);
  return {
    width: Number(video['width']),
    height: Number(video['height']),
    rate: String(video['avg_frame_rate']),
    seconds: Number(video['duration']),
    times: shown.map((time) => time - shown[0]!),
    sound: found.streams.find(({ codec_type }) => codec_type === 'audio')?.['codec_name'] as
      string | undefined,
  };
}

/** The file of a small model with random weights. */
export function toyStyleModel(): Uint8Array {
  const options = { form: 'light', base: 4, blocks: 1, styles: 1, knobs: 0 } as const;
  const random = createRandom(5);
  const parameters = Object.fromEntries(
    Object.entries(conditionalNetworkShapes(options)).map(([name, shape]) => [
      name,
      Float32Array.from({ length: sizeOf(shape) }, () => 0.2 * random.normal()),
    ]),
  );
  return encodeStyleModel({ options, styles: ['toy'], knobs: [], parameters, metadata: {} });
}
