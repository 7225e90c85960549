import { pino } from 'pino';

/** A structured log line: facts first, then a sentence. Never what a player wrote, never a key. */
export interface Log {
  debug(facts: object, sentence: string): void;
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
  error(facts: object, sentence: string): void;
}

/** JSON lines on standard error, so that standard output stays for what a person starts the process for. */
export const createLog = (level: string): Log => {
  const destination = pino.destination({ dest: 2, sync: true });
  const logger = pino({ level, base: null, formatters: { level: (label) => ({ level: label }) } }, destination);
  const write = (method: 'debug' | 'info' | 'warn' | 'error') => (facts: object, sentence: string) => {
    const { cause, ...rest } = facts as { cause?: unknown };
    logger[method]({ ...rest, ...(cause !== undefined && { cause: describeCause(cause) }) }, sentence);
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
};

/** An unknown thrown value in one line with where it came from. */
const describeCause = (cause: unknown): unknown =>
  typeof cause === 'object' && cause !== null && 'stack' in cause ? String(cause.stack) : String(cause);

/** A log that nobody reads. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
