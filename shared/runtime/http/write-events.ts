import type { ServerResponse } from 'node:http';
import { limits } from '../../contracts/index.ts';
import type { ServerEvent } from './route.ts';

const format = ({ id, event, data }: ServerEvent) => `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/**
 * Writes a text/event-stream to its end. A heartbeat comment goes out every limits.sse.heartbeatMs. While more than
 * limits.sse.maxBufferedBytes wait for a reader no further event is taken; one who makes no room within limits.sse.maxStallMs is cut off,
 * and resumes with Last-Event-ID. Nobody else waits for them. `idBefore` is what one resumes with who has not had an event yet.
 */
export async function writeEvents(
  response: ServerResponse,
  events: AsyncIterable<ServerEvent>,
  idBefore?: number,
): Promise<void> {
  // An id without data is no event: a reader keeps it, and shows nothing.
  const id = idBefore === undefined ? '' : `id: ${idBefore}\n`;
  response.write(`retry: ${limits.sse.retryMs}\n${id}\n`);
  const heartbeat = setInterval(() => response.write(': keep-alive\n\n'), limits.sse.heartbeatMs);
  try {
    for await (const event of events) {
      if (response.destroyed) return;
      response.write(format(event));
      // One event may be over the bound by itself (the ending of a long reply), and what is written now leaves after this turn of the loop.
      if (response.writableLength > limits.sse.maxBufferedBytes && !(await makesRoom(response))) {
        response.destroy();
        return;
      }
    }
    response.end();
  } catch {
    // The head is sent, so no problem document can follow: a cut stream tells the client to resume.
    response.destroy();
  } finally {
    clearInterval(heartbeat);
  }
}

/** Waits until all that was written has left; false when that takes too long or the reader is gone. */
const makesRoom = (response: ServerResponse): Promise<boolean> =>
  new Promise((resolve) => {
    const settle = (hasRoom: boolean) => () => {
      clearTimeout(timer);
      response.off('drain', onDrain);
      response.off('close', onClose);
      resolve(hasRoom);
    };
    const [onDrain, onClose] = [settle(true), settle(false)];
    const timer = setTimeout(onClose, limits.sse.maxStallMs);
    response.once('drain', onDrain).once('close', onClose);
  });
