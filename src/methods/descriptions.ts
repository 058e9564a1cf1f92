/**
 * What each method is for, in the order in which they are listed. A list of the methods needs no more than this, and so loads none
 * of them.
 */
export const methodDescriptions = {
  stylize: 'repaint a photograph after a painting',
  apply: 'repaint pictures in one pass with a model that was trained for some paintings',
  style: 'read the style of a painting, to paint pictures and films with it in one pass',
  enlarge: 'make pictures larger, with detail that a network adds',
  texture: 'make a texture of any size that looks like a sample everywhere',
  reconstruct: 'show what a layer of the network knows of a picture',
  harmonize: 'make an object that was pasted into a painting a part of it',
  match: 'find where each patch of a picture comes from in another one',
  'match-colors': "give a picture another picture's colours",
  evaluate: 'measure content, style and smoothness of any picture, to compare results',
} as const;
