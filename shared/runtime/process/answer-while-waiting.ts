import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { TurnledgerError } from '../../contracts/index.ts';
import type { Ids } from '../../ports/index.ts';
import { problemOf } from '../http/index.ts';

const ABOUT_ITSELF = /^\/(healthz|readyz|metrics)([?]|$)/;

/**
 * What a process answers before its dependencies are there: its health and figures as they are, and to everything else `store_unavailable`,
 * which says when to come back. A body is read to its end and kept nowhere, so that the connection can be used again.
 */
export const answerWhileWaiting =
  (aboutItself: RequestListener, ids: Ids): RequestListener =>
  (request: IncomingMessage, response: ServerResponse & { readonly req: IncomingMessage }) => {
    if (ABOUT_ITSELF.test(request.url ?? '')) return aboutItself(request, response);
    const error = new TurnledgerError('store_unavailable', { detail: 'this process still waits for a store' });
    const traceId = ids.randomBytes(16).toString('hex');
    const { status, headers, body } = problemOf(error, { instance: request.url ?? '', traceId });
    request.resume();
    response.writeHead(status, headers).end(JSON.stringify(body));
  };
