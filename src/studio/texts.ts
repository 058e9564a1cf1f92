import { signal } from '@preact/signals';
import type { StyleErrorCode } from '../errors.js';
import { lossTermNames, type LossTerm } from '../losses/terms.js';

/** A name in camelCase or kebab-case in words: `styleWeight` is "Style weight". */
const inWords = (name: string): string => {
  const words = name.replace(/-/g, ' ').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};

/** Everything that the page says, in English. Another language is another value of the same type, in `languages`. */
export const english = {
  title: 'Pastiche studio',
  tagline: 'Nothing leaves this page.',
  skip: 'Skip to the picture',
  language: 'Language',
  method: 'What to do',
  /** What methods, roles and options are called; those that are not here have their names. */
  methodName: (name: string): string => inWords(name),
  methodDescription: (_name: string, english: string): string => english,
  roleName: (name: string): string => inWords(name),
  roleDescription: (_name: string, english: string): string => english,
  optionName: (name: string): string => inWords(name.replace(/^tv/, 'totalVariation')),
  optionDescription: (_name: string, english: string): string => english,
  groupName: (english: string): string => english.replace(/:$/, ''),
  pictures: 'Pictures',
  choose: 'Choose a file',
  chooseSeveral: 'Choose files',
  orDrop: 'drop it here, or paste it',
  optional: 'Optional',
  camera: 'Take a photograph',
  takePicture: 'Take it',
  closeCamera: 'Close the camera',
  cameraName: 'photograph.jpg',
  cameraRefused: 'There is no camera, or it may not be used.',
  cameraRemedy: 'Allow it in the browser, or choose a file.',
  fromGallery: 'Paintings to begin with',
  remove: (name: string): string => `Remove ${name}`,
  take: (title: string): string => `Take ${title}`,
  weightOf: (name: string): string => `Weight of ${name}`,
  paint: 'Paint',
  run: 'Run',
  refine: 'Refine',
  pause: 'Pause',
  goOn: 'Go on',
  stop: 'Stop',
  knobs: 'Knobs',
  more: 'More settings',
  standard: (text: string): string => `Default: ${text}`,
  unset: 'default',
  optionsProblem: 'A setting can’t be used',
  model: 'Model',
  network: 'Network',
  result: 'Result',
  emptyTitle: 'A photograph and a painting',
  emptyText: 'Drop a photograph here. Then choose a painting, and look.',
  needs: (roles: readonly string[]): string => `Still needed: ${roles.join(', ').toLowerCase()}.`,
  compare: 'Compare with the picture before',
  comparePart: (percent: number): string => `${percent} % of the picture before`,
  variants: 'History',
  showVariant: (number: number, method: string): string => `Show result ${number} (${inWords(method)})`,
  removeVariant: (number: number): string => `Remove result ${number}`,
  styleName: (name: string): string => inWords(name),
  takeSize: (size: number): string => `Take ${size} pixels`,
  drawMask: 'Paint it',
  drawMaskOf: (role: string): string => `${role}: paint it`,
  brushColor: (color: string): string => `Brush: ${color}`,
  brushSize: 'Brush size',
  undoStroke: 'Undo',
  clearMask: 'Clear',
  takeMask: 'Use it',
  cancel: 'Cancel',
  maskName: (role: string): string => `${role.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.png`,
  preparing: 'Getting ready …',
  running: 'Painting …',
  step: (done: number, all: number): string => `Step ${done} of ${all}`,
  paused: (done: number, all: number): string => `Paused after step ${done} of ${all}`,
  done: 'Done',
  computesOn: (device: string): string => (device === 'webgpu' ? 'Graphics card' : 'Processor'),
  willTake: (size: string, gigabytes: string): string => `${size} pixels, about ${gigabytes} of memory`,
  steps: 'Steps',
  curves: 'Losses',
  curveTable: 'The losses as a table',
  term: lossTermNames as Readonly<Record<LossTerm, string>>,
  total: 'total',
  iteration: 'step',
  undo: 'Back to an earlier step',
  undoHint: 'Choose a step, and go on from there.',
  earlierStep: (iteration: number): string => `step ${iteration}`,
  download: 'Download',
  downloadAs: (format: string): string => `Download as ${format}`,
  command: 'The same in the terminal',
  copyCommand: 'Copy as command',
  copied: 'Copied',
  settingsFile: 'Settings file',
  saveSettings: 'Save settings',
  loadSettings: 'Load settings',
  settingsRefused: (name: string): string => `"${name}" is no settings file of the studio.`,
  settingsRemedy: 'Give one that "Save settings" has written.',
  files: 'Files',
  correspondence: 'Correspondence',
  correspondenceHint:
    'Point at a place of the picture, or move there with the arrow keys: its match is marked.',
  correspondenceScore: (score: string): string => `likeness ${score}`,
  numbers: 'Numbers',
  /** What a code is about, where the sentence beside it is in another language. */
  problemTitle: ((): undefined => undefined) as (code: StyleErrorCode) => string | undefined,
  dismiss: 'Dismiss',
  teaching: {
    heading: 'How it works',
    text: 'A network that was trained to see looks at both pictures. Its features say what is where: the content. How often two of them occur together, wherever that is, is the style, and the Gram matrices hold it. The picture is changed until its features are like the photograph’s and its Gram matrices like the painting’s.',
  },
  layerLesson: {
    heading: 'What a layer sees',
    needsPictures: 'Choose a photograph and a painting: then their Gram matrices and features are here.',
    layer: 'Layer',
    grams: 'Gram matrices',
    gramText:
      'Each place stands for two channels: the brighter, the more they occur together. Both have one scale, by the square root. The style loss is the distance of such matrices.',
    gramOf: (role: string, name: string): string => `Gram matrix, ${role.toLowerCase()}: ${name}`,
    move: 'Point at a place, or move with the arrow keys.',
    channel: (number: number): string => `channel ${number}`,
    pair: (row: number, column: number): string => `channels ${row} and ${column}`,
    features: 'Features',
    featuresText: (width: number, height: number, channels: number): string =>
      `The ${channels} channels of this layer are maps of ${width} × ${height} positions. Those that vary most in the first picture:`,
  },
  lossLesson: {
    heading: 'What each loss is worth',
    needsRun: 'Press “Refine”: then the weighted terms of the loss are here, step by step.',
    text: (iteration: number): string =>
      `At step ${iteration}, each term times its weight. The optimiser lowers their sum, so a term with a larger share has more say.`,
    term: 'Term',
    worth: 'Worth',
    share: 'Share',
    factor: 'Factor',
    then: 'With the factor',
    factorText:
      'A factor multiplies a weight: the term and its pull on the picture become as many times as large. The others stay, and their shares shrink.',
    take: 'Give the weights these factors',
  },
  example: {
    heading: 'A Gram matrix by hand',
    text: 'A map of 2 × 2 positions with three channels, with the numbers 1 to 12 that tutorials reckon with. Each number of its Gram matrix is the sum of the products of two channels over the four positions, divided by four. Change a number: this page’s engine computes it anew. Press a number of the matrix to see where it comes from.',
    features: 'The channels, one a row',
    gram: 'Gram matrix / 4',
    position: (row: number, column: number): string => `(${row}, ${column})`,
    reset: '1 to 12 again',
  },
  offline: {
    isOffline: 'No network.',
    kept: {
      nothing: '',
      page: 'After the first picture this page works without a network.',
      everything: 'This page works without a network.',
    },
    missing:
      'There is no network, and what this needs is not kept: it was never used, or the browser has dropped it.',
  },
  credits: 'Credits',
  creditsText:
    'The paintings are in the public domain, put together from the pieces in Debian’s gcompris-qt-data (GCompris, paintings activity).',
};

/** What a language must have: a text that is missing is an error of types. */
export type Texts = typeof english;

const current = signal<Texts>(english);

/** The page speaks another language from now on. */
export function speak(language: Texts): void {
  current.value = language;
}

/** The texts of the page's language. What draws one is drawn again when the language changes. */
export const texts: Texts = new Proxy(english, {
  get: (_, name) => Reflect.get(current.value, name) as unknown,
});
