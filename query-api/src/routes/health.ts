import { aliveSchema, readySchema } from '@turnledger/shared/contracts';
import { defineRoute, json, type Route } from '@turnledger/shared/runtime';
import type { QueryPorts } from '../ports.ts';

/** Whether the process is alive: it answers. */
export const healthzRoute = (): Route =>
  defineRoute({
    method: 'GET',
    path: '/healthz',
    summary: 'Whether the process is alive',
    access: 'public',
    replies: { 200: { description: 'It answers.', schema: aliveSchema } },
    handle: async () => json(200, { status: 'ok' }),
  });

/** Whether every hop moves; names the ones that are stuck and since when. */
export const readyzRoute = ({ hops }: QueryPorts): Route =>
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
      const stuck = all.filter(({ isReady }) => !isReady).map(({ name, since }) => ({ name, since }));
      const status = stuck.length === 0 ? 'ready' : 'not_ready';
      return json(stuck.length === 0 ? 200 : 503, {
        status,
        stuck,
        hops: all.map(({ isReady, ...hop }) => ({ ...hop, ready: isReady })),
      });
    },
  });
