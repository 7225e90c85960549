import type { IncomingMessage } from 'node:http';
import type { ModelFailureCode } from '../../ports/index.ts';
import type { BodyGate } from './body-gate.ts';
import { drainConnection } from './drain-connection.ts';
import { isWireFault, WireFault } from './wire-fault.ts';

export interface BodyBounds {
  readonly maxBodyBytes: number;
  readonly maxDrainBytes: number;
  readonly drainMs: number;
}

export interface BoundedBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** Ends the stream with this failure now, drops what is queued and closes the connection; nothing once the body has ended. */
  fail(code: ModelFailureCode): void;
}

/** Chunks queued before the socket is paused; at most 16 times 64 KiB. */
const MAX_QUEUED_CHUNKS = 16;

/**
 * An answer's body as a web stream that ends in exactly one way: closed when the gate says done or the body ended cleanly, else errored with
 * a `WireFault`: `model_stream_cut` (the connection broke), `model_body_too_large`, `model_not_json` (not UTF-8). Every fault closes the
 * connection; `onEnded` is called once, whatever the way.
 */
export const boundedBody = (
  message: IncomingMessage,
  gate: BodyGate,
  bounds: BodyBounds,
  onEnded: () => void,
): BoundedBody => {
  let bytes = 0;
  let fail: BoundedBody['fail'] = () => {};

  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let isEnded = false;
        const settle = () => {
          isEnded = true;
          message.off('data', read);
          onEnded();
        };
        // Called at each close, mostly for nothing: an error, with its stack, is made only when it is wanted (2 % of a call's time).
        fail = (code) => {
          if (isEnded) return;
          settle();
          controller.error(new WireFault(code));
          message.destroy();
        };
        const attempt = (step: () => void) => {
          if (isEnded) return;
          try {
            step();
          } catch (error) {
            fail(isWireFault(error) ? error.code : 'model_not_json');
          }
        };
        const read = (chunk: Buffer) =>
          attempt(() => {
            bytes += chunk.length;
            if (bytes > bounds.maxBodyBytes) throw new WireFault('model_body_too_large');
            const { pieces, isDone } = gate.push(chunk);
            for (const piece of pieces) controller.enqueue(piece);
            if (isDone) {
              settle();
              controller.close();
              drainConnection(message, { maxBytes: bounds.maxDrainBytes, timeoutMs: bounds.drainMs });
            } else if ((controller.desiredSize ?? 0) <= 0) {
              message.pause();
            }
          });
        message.on('data', read);
        message.on('end', () =>
          attempt(() => {
            const rest = gate.end();
            if (rest.length > 0) controller.enqueue(rest);
            settle();
            controller.close();
          }),
        );
        message.on('error', () => fail('model_stream_cut'));
        message.on('close', () => fail('model_stream_cut'));
      },
      pull() {
        message.resume();
      },
      cancel() {
        fail('model_stream_cut');
      },
    },
    { highWaterMark: MAX_QUEUED_CHUNKS },
  );
  return { stream, fail: (code) => fail(code) };
};
