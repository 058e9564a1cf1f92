import { hasFilmSuffix } from '../films/film-formats.js';
import type { AnyMethod } from '../methods/method.js';
import type { FilePair } from './file-pairs.node.js';

/**
 * Whether a result is made frame by frame. GIF files are films and pictures: one becomes a film where its result is one, and its first
 * frame a picture where that is a picture.
 */
export const isFilm = ({ films }: AnyMethod, { input, output }: FilePair): boolean =>
  films === true &&
  hasFilmSuffix(input) &&
  (!/\.gif$/i.test(input) || (output !== undefined && hasFilmSuffix(output)));
