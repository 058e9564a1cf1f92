import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { factsOf, ffmpeg, framesOf, toyStyleModel } from '../films/toy-film.js';
import { withoutFfmpeg, withoutSignals } from '../platform.js';
import { makeWorkplace, pastiche } from './command-line.js';

const folder = await makeWorkplace();
const at = (name: string): string => join(folder, name);

describe.skipIf(withoutFfmpeg)('pastiche apply with a film', () => {
  it('paints it, steadily, and says how it went', async () => {
    await writeFile(at('toy.onnx'), toyStyleModel());
    ffmpeg(
      `-f lavfi -i testsrc=size=64x48:rate=10:duration=1 -f lavfi -i sine=duration=1 -c:v libx264 -c:a aac ${at('film.mp4')}`,
    );
    const args = ['apply', at('toy.onnx'), at('film.mp4'), '-o', at('out.mp4'), '--threads', '1', '--steady'];
    const { code, stdout, stderr } = await pastiche(args);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/out\.mp4: 64x48, 10 frames in .*, .* a second\n$/),
    });
    expect(stderr).toMatch(/^frame 1 of about 10\n/);
    expect(factsOf(at('out.mp4'))).toMatchObject({ width: 64, height: 48, rate: '10/1', sound: 'aac' });
  });

  it.skipIf(withoutSignals)('leaves the frames that are done at Ctrl-C', async () => {
    ffmpeg(`-f lavfi -i testsrc=size=320x240:rate=25:duration=60 -preset ultrafast ${at('long.mp4')}`);
    const args = ['apply', at('toy.onnx'), at('long.mp4'), '-o', at('part.mp4'), '--threads', '1'];
    const { code, stdout, stderr } = await pastiche(args, {
      onStderr: (text, child) => void (text.includes('frame 1 of') && child.kill('SIGINT')),
    });
    expect(code).toBe(130);
    expect(stderr).toContain('Stopping; the frames that are done are kept. Ctrl-C again quits at once.\n');
    const [, count] = /Stopped after (\d+) frames, which are in .*part\.mp4 and play\.\n$/.exec(stderr)!;
    expect(stdout).toContain(`${count} frames`);
    expect(framesOf(at('part.mp4'))).toHaveLength(Number(count) * 3 * 320 * 240);
    expect((await readdir(folder)).sort()).toEqual([
      'film.mp4',
      'long.mp4',
      'out.mp4',
      'part.mp4',
      'toy.onnx',
    ]);
  });
});
