import { aliveSchema, readySchema } from '../../contracts/index.ts';
import type { Hop } from '../health.ts';
import { defineRoute, json, type Route } from '../http/index.ts';

/** Whether the process is alive: it answers. */
const healthzRoute = (): Route =>
  defineRoute({
    method: 'GET',
    path: '/healthz',
    summary: 'Whether the process is alive',
    access: 'public',
    replies: { 200: { description: 'It answers.', schema: aliveSchema } },
    handle: async () => json(200, { status: 'ok' }),
  });

/** Whether every hop moves; names the ones that are stuck and since when. Those that cost speed alone are named and do not count. */
const readyzRoute = (hops: () => readonly Hop[]): Route =>
  defineRoute({
    method: 'GET',
    path: '/readyz',
    summary: 'Whether every hop of the flow moves',
    access: 'public',
    replies: {
      200: { description: 'Every hop moves.', schema: readySchema },
      503: { description: 'Hops are stuck; each is named.', schema: readySchema },
    },
    async handle() {
      const all = hops();
      const isNotReady = all.some(({ isReady, isHint }) => !isReady && !isHint);
      const stuck = all.filter(({ isReady }) => !isReady).map(({ name, since }) => ({ name, since }));
      return json(isNotReady ? 503 : 200, {
        status: isNotReady ? 'not_ready' : 'ready',
        stuck,
        hops: all.map(({ isReady, isHint: _hint, ...hop }) => ({ ...hop, ready: isReady })),
      });
    },
  });

/** What every process answers about itself. */
export const healthRoutes = (hops: () => readonly Hop[]): readonly Route[] => [healthzRoute(), readyzRoute(hops)];
