import pino, { type Logger } from 'pino';

/** A log as lines of JSON on stderr, without what requests carry: headers have keys. @param level the least that is told */
export const serviceLog = (level: 'info' | 'error'): Logger =>
  pino({ level, redact: ['req.headers'] }, pino.destination({ dest: 2, sync: true }));
