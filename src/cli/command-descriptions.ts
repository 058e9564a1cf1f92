/** What the commands beside those of the methods are for, in the order in which they are listed. */
export const commandDescriptions = {
  demo: 'pages that show why a method is as it is',
  train: 'train networks on folders of pictures',
  studio: 'a page to paint in, on this machine: no picture leaves it',
  models: 'the networks: list them, get them, check them, find them',
  serve: 'an HTTP service: jobs in a queue that survives crashes, pictures in one pass at once',
  worker: 'do the jobs that servers accept, on as many machines as there are',
} as const;
