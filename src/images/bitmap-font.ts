/*
 * Letters for labels in pictures. Text by way of SVG would need fonts that the machine may not have, and draws nothing, or
 * boxes, where they are missing.
 *
 * A glyph has nine rows of at most five pixels, from top to bottom: two above small letters, five of small letters, two
 * below the line. `#` is ink.
 */
const glyphs: Readonly<Record<string, string>> = {
  a: '.... .... .##. ...# .### #..# .### .... ....',
  b: '#... #... ###. #..# #..# #..# ###. .... ....',
  c: '.... .... .### #... #... #... .### .... ....',
  d: '...# ...# .### #..# #..# #..# .### .... ....',
  e: '.... .... .##. #..# #### #... .### .... ....',
  f: '.## #.. ### #.. #.. #.. #.. ... ...',
  g: '.... .... .### #..# #..# #..# .### ...# .##.',
  h: '#... #... ###. #..# #..# #..# #..# .... ....',
  i: '# . # # # # # . .',
  j: '.# .. .# .# .# .# .# .# #.',
  k: '#... #... #..# #.#. ##.. #.#. #..# .... ....',
  l: '#. #. #. #. #. #. .# .. ..',
  m: '..... ..... ##.#. #.#.# #.#.# #.#.# #.#.# ..... .....',
  n: '.... .... ###. #..# #..# #..# #..# .... ....',
  o: '.... .... .##. #..# #..# #..# .##. .... ....',
  p: '.... .... ###. #..# #..# #..# ###. #... #...',
  q: '.... .... .### #..# #..# #..# .### ...# ...#',
  r: '... ... #.# ##. #.. #.. #.. ... ...',
  s: '.... .... .### #... .##. ...# ###. .... ....',
  t: '#.. #.. ### #.. #.. #.. .## ... ...',
  u: '.... .... #..# #..# #..# #..# .### .... ....',
  v: '..... ..... #...# #...# .#.#. .#.#. ..#.. ..... .....',
  w: '..... ..... #...# #.#.# #.#.# #.#.# .#.#. ..... .....',
  x: '.... .... #..# #..# .##. #..# #..# .... ....',
  y: '.... .... #..# #..# #..# #..# .### ...# .##.',
  z: '.... .... #### ...# .##. #... #### .... ....',
  0: '.##. #..# #..# #..# #..# #..# .##. .... ....',
  1: '.#. ##. .#. .#. .#. .#. ### ... ...',
  2: '.##. #..# ...# ..#. .#.. #... #### .... ....',
  3: '.##. #..# ...# .##. ...# #..# .##. .... ....',
  4: '..#. .##. #.#. #.#. #### ..#. ..#. .... ....',
  5: '#### #... ###. ...# ...# #..# .##. .... ....',
  6: '.##. #... #... ###. #..# #..# .##. .... ....',
  7: '#### ...# ...# ..#. ..#. .#.. .#.. .... ....',
  8: '.##. #..# #..# .##. #..# #..# .##. .... ....',
  9: '.##. #..# #..# .### ...# ...# .##. .... ....',
  ' ': '.. .. .. .. .. .. .. .. ..',
  _: '.... .... .... .... .... .... .... #### ....',
  '-': '... ... ... ... ### ... ... ... ...',
  '+': '... ... ... .#. ### .#. ... ... ...',
  '.': '. . . . . . # . .',
  ',': '.. .. .. .. .. .. .# .# #.',
  ':': '. . . # . . # . .',
  '/': '..# ..# .#. .#. .#. #.. #.. ... ...',
  '%': '##..# ##..# ...#. ..#.. .#... #..## #..## ..... .....',
  '(': '.# #. #. #. #. #. #. .# ..',
  ')': '#. .# .# .# .# .# .# #. ..',
};

/** Rows of a line of text. */
export const textHeight = 9;
/** Pixels between two letters. */
const spacing = 1;

/** A line of text as rows of pixels. */
export interface TextPixels {
  readonly width: number;
  /** `textHeight * width` values: 1 is ink, 0 is none. */
  readonly ink: Uint8Array;
}

/** Lays out a line of text, in small letters. Characters that there are no pixels for become blanks. */
export function textPixels(text: string): TextPixels {
  const rows = [...text.toLowerCase()].map((character) => (glyphs[character] ?? glyphs[' ']!).split(' '));
  const width = rows.reduce((sum, glyph) => sum + glyph[0]!.length + spacing, 0);
  const ink = new Uint8Array(textHeight * width);
  let left = 0;
  for (const glyph of rows) {
    glyph.forEach((row, y) => {
      for (let x = 0; x < row.length; x += 1) if (row[x] === '#') ink[y * width + left + x] = 1;
    });
    left += glyph[0]!.length + spacing;
  }
  return { width, ink };
}
