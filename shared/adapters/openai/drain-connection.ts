import type { IncomingMessage } from 'node:http';

/**
 * Reads the rest of an answer that nobody wants, so that its connection can be used again; closes the connection when more than `maxBytes`
 * come or the answer has not ended after `timeoutMs`. Keeps no process alive.
 */
export const drainConnection = (
  message: IncomingMessage,
  { maxBytes, timeoutMs }: { maxBytes: number; timeoutMs: number },
): void => {
  let bytes = 0;
  const timer = setTimeout(() => message.destroy(), timeoutMs);
  timer.unref();
  message.on('error', () => clearTimeout(timer));
  message.on('close', () => clearTimeout(timer));
  message.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) message.destroy();
  });
  message.resume();
};
