import type { IncomingMessage, ServerResponse } from 'node:http';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import { createProxyServer } from 'httpxy';
import type { Upstreams } from './upstreams.ts';

/** What a connection that was never made is told by: nothing of the request has reached anybody. */
const NEVER_SENT: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

/**
 * What is between two neighbours alone (RFC 9110, 7.6.1). A client's `Connection: close` that reached the API made it close on a body that it
 * had refused early, and its refusal was lost with the connection.
 */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'upgrade', 'te'] as const;

/** Of the answer: what this connection is to be is between us and the client. */
function sayHopByHop(response: ServerResponse): void {
  if (response.headersSent) return;
  for (const name of HOP_BY_HOP) response.removeHeader(name);
  response.setHeader('connection', response.shouldKeepAlive ? 'keep-alive' : 'close');
}

export type PassOn = (request: IncomingMessage, response: ServerResponse, upstreams: Upstreams) => Promise<void>;

/**
 * Passes requests on, byte by byte and both ways: a stream reaches its reader as it comes, and a reader who leaves ends the upstream's
 * work. A read that nobody took goes to the next upstream. Rejects with `service_unavailable` when none took it, and with
 * `outcome_unknown` when an upstream went away over a command: it may have been recorded, and the same key finds out. What goes wrong
 * after the head was sent cuts the connection, as it would without us.
 */
export function createPassOn(): PassOn {
  const proxy = createProxyServer({ proxyTimeout: limits.edge.maxSilenceMs });
  // The next tick is after the proxy has copied the head and before the first byte of the body; a microtask would come after that byte.
  proxy.on('proxyRes', (_answer, _request, response) => process.nextTick(sayHopByHop, response));
  return async (request, response, upstreams) => {
    for (const name of HOP_BY_HOP) delete request.headers[name];
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const tries = isRead ? upstreams.count : 1;
    for (let left = tries; left > 0; left--) {
      const target = upstreams.next();
      const failure = await proxy.web(request, response, { target, agent: upstreams.agent }).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      if (failure === undefined || response.headersSent || response.destroyed) return;
      const wasSent = !NEVER_SENT.has(codeOf(failure.error));
      if (!wasSent) upstreams.rest(target);
      if (wasSent && !isRead) throw new TurnledgerError('outcome_unknown', { cause: failure.error });
    }
    throw new TurnledgerError('service_unavailable', { detail: upstreams.name });
  };
}
