import type { ServerResponse } from 'node:http';
import { limits } from '../../contracts/index.ts';
import type { ServerEvent } from './route.ts';

const format = ({ id, event, data }: ServerEvent) => `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/**
 * Writes a text/event-stream to its end. A heartbeat comment goes out every limits.sse.heartbeatMs. A reader who lets more than
 * limits.sse.maxBufferedBytes pile up is cut off, and resumes with Last-Event-ID; nobody else waits for them.
 */
export async function writeEvents(response: ServerResponse, events: AsyncIterable<ServerEvent>): Promise<void> {
  response.write(`retry: ${limits.sse.retryMs}\n\n`);
  const heartbeat = setInterval(() => response.write(': keep-alive\n\n'), limits.sse.heartbeatMs);
  try {
    for await (const event of events) {
      if (response.destroyed) return;
      response.write(format(event));
      if (response.writableLength > limits.sse.maxBufferedBytes) {
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
