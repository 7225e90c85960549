import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { ModelFailureCode } from '../../ports/index.ts';
import { createSseGate, createWholeBodyGate } from './body-gate.ts';
import { type BodyBounds, type BoundedBody, boundedBody } from './bounded-body.ts';
import { drainConnection } from './drain-connection.ts';
import { WireFault } from './wire-fault.ts';

export interface LeanFetchOptions extends BodyBounds {
  readonly maxFrameBytes: number;
  readonly maxSockets: number;
  readonly idleSocketMs: number;
  /** Every header that is sent, apart from the body's length and `CALL_ID_HEADER`, the one that is taken of the caller's `init`. */
  readonly headers: { readonly [name: string]: string };
}

export interface LeanTransport {
  /** Answers with a `Response` that has status and headers and, in place of a body, what `bodyOf` gives for it. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** The body of a 2xx that `fetch` gave; undefined for any other answer. */
  bodyOf(response: Response): BoundedBody | undefined;
}

/** OpenAI keeps its value with its own record of the request; endpoints that do not know it leave it alone. */
export const CALL_ID_HEADER = 'x-client-request-id';

const PASSED_HEADERS = ['content-type', 'retry-after', 'retry-after-ms', 'date'] as const;
const PLAIN_HEADER = /^[\x20-\x7e]*$/;

const headersOf = (message: IncomingMessage): Headers => {
  const headers = new Headers();
  for (const name of PASSED_HEADERS) {
    const value = message.headers[name];
    if (typeof value === 'string' && PLAIN_HEADER.test(value)) headers.set(name, value);
  }
  return headers;
};

const callIdOf = ({ headers }: RequestInit): { readonly [name: string]: string } => {
  const callId = (headers instanceof Headers ? headers : new Headers(headers)).get(CALL_ID_HEADER);
  return callId === null ? {} : { [CALL_ID_HEADER]: callId };
};

/**
 * A `fetch` for one JSON endpoint, on a keep-alive agent of its own, and the bodies of its answers.
 *
 * Never follows a redirect, never reads the body of an answer that is not a 2xx (an error's body can stall, and its text may repeat a prompt),
 * never asks for compression. When the signal aborts, at whatever stage, it rejects or errors the body at once and closes the connection.
 * Rejects with `WireFault`: `model_unreachable` when no answer came, `model_timeout` when the abort was the SDK's own timer. An idle socket
 * keeps no process alive and is closed after `idleSocketMs`. Bodies: see `boundedBody`; a stream's frame is at most `maxFrameBytes`.
 */
export const createLeanTransport = (options: LeanFetchOptions): LeanTransport => {
  const agentOptions = {
    keepAlive: true,
    maxSockets: options.maxSockets,
    timeout: options.idleSocketMs,
    scheduling: 'lifo',
  } as const;
  const httpAgent = new HttpAgent(agentOptions);
  const httpsAgent = new HttpsAgent(agentOptions);
  const bodies = new WeakMap<Response, BoundedBody>();

  const responseOf = (message: IncomingMessage, signal: AbortSignal | undefined): Response => {
    const status = message.statusCode ?? 0;
    const headers = headersOf(message);
    if (status < 200 || status > 299 || status === 204 || status === 205) {
      drainConnection(message, { maxBytes: options.maxDrainBytes, timeoutMs: options.drainMs });
      // A Response takes 200 to 599 only; Node's parser lets any three digits through.
      return new Response(null, { status: status < 200 || status > 599 ? 502 : status, headers });
    }
    const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true;
    const gate = isStream ? createSseGate(options.maxFrameBytes) : createWholeBodyGate();
    const abort = () => body.fail('model_stream_cut');
    const body = boundedBody(message, gate, options, () => signal?.removeEventListener('abort', abort));
    signal?.addEventListener('abort', abort, { once: true });
    const response = new Response(null, { status, headers });
    bodies.set(response, body);
    return response;
  };

  const fetch: LeanTransport['fetch'] = (input, init = {}) =>
    new Promise((resolve, reject) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const signal = init.signal ?? undefined;
      // As a string it leaves in one write with the headers.
      const payload = typeof init.body === 'string' ? init.body : '';
      const isSecure = url.protocol === 'https:';
      if (signal?.aborted === true) {
        reject(new WireFault('model_timeout'));
        return;
      }
      const request = (isSecure ? httpsRequest : httpRequest)({
        agent: isSecure ? httpsAgent : httpAgent,
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        path: url.pathname + url.search,
        method: init.method ?? 'GET',
        headers: { ...options.headers, ...callIdOf(init), 'content-length': Buffer.byteLength(payload) },
      });
      let isAnswered = false;
      const fail = (code: ModelFailureCode) => {
        if (isAnswered) return;
        signal?.removeEventListener('abort', abort);
        request.destroy();
        reject(new WireFault(code));
      };
      const abort = () => fail('model_timeout');
      signal?.addEventListener('abort', abort, { once: true });
      request.on('error', () => fail('model_unreachable'));
      // Without an error too: a server that answers 101 gets its connection closed by Node in silence.
      request.on('close', () => fail('model_unreachable'));
      request.on('response', (message) => {
        isAnswered = true;
        signal?.removeEventListener('abort', abort);
        resolve(responseOf(message, signal));
      });
      request.end(payload);
    });
  return { fetch, bodyOf: (response) => bodies.get(response) };
};
