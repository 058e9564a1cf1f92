/** A painting that comes with the page. */
export interface Painting {
  readonly file: string;
  readonly url: string;
  readonly title: string;
  readonly painter: string;
}

/** All in the public domain; where the files are from is said in `texts.creditsText`. */
export const paintings: readonly Painting[] = [
  {
    file: 'great-wave.jpg',
    url: new URL('./great-wave.jpg', import.meta.url).href,
    title: 'The Great Wave off Kanagawa',
    painter: 'Katsushika Hokusai',
  },
  {
    file: 'poppies.jpg',
    url: new URL('./poppies.jpg', import.meta.url).href,
    title: 'Poppies',
    painter: 'Katsushika Hokusai',
  },
  {
    file: 'harvesters.jpg',
    url: new URL('./harvesters.jpg', import.meta.url).href,
    title: 'The Harvesters',
    painter: 'Pieter Bruegel the Elder',
  },
  {
    file: 'arcimboldo-spring.jpg',
    url: new URL('./arcimboldo-spring.jpg', import.meta.url).href,
    title: 'Spring',
    painter: 'Giuseppe Arcimboldo',
  },
  {
    file: 'ejiri.jpg',
    url: new URL('./ejiri.jpg', import.meta.url).href,
    title: 'Ejiri in Suruga Province',
    painter: 'Katsushika Hokusai',
  },
  {
    file: 'horse-mackerel-and-prawns.jpg',
    url: new URL('./horse-mackerel-and-prawns.jpg', import.meta.url).href,
    title: 'Horse Mackerel and Prawns',
    painter: 'Utagawa Hiroshige',
  },
];
