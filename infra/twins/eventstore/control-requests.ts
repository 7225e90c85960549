import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { z } from 'zod';
import { eventStoreFaultSchema } from './event-store-fault.ts';
import type { FaultSwitch } from './fault-switch.ts';
import type { TwinLog } from './twin-log.ts';

const MAX_BODY_BYTES = 16 * 1024;
const FAULT_PATH = '/twin/fault';

const reply = (response: ServerResponse, status: number, body?: unknown) =>
  body === undefined
    ? void response.writeHead(status).end()
    : void response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);

const jsonOf = async (message: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
};

/**
 * What the twin answers over plain HTTP, on the port of its gRPC: `GET /health/live` as the real server (204), and its switches.
 *
 * `PUT /twin/fault` takes a fault as JSON, `DELETE /twin/fault` heals, `GET /twin` says what rules and how much is stored.
 */
export const serveControl = (log: TwinLog, faults: FaultSwitch): RequestListener => {
  const state = () => ({
    fault: faults.current ?? null,
    hits: faults.hits,
    events: log.shown,
    position: String(log.end),
  });

  const set = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const fault = eventStoreFaultSchema.safeParse(await jsonOf(message));
    if (!fault.success) return reply(response, 400, { error: z.prettifyError(fault.error) });
    faults.set(fault.data);
    return reply(response, 200, state());
  };

  return (message, response) => {
    const asked = `${message.method} ${message.url?.split('?')[0]}`;
    if (asked === 'GET /health/live') {
      const rules = faults.lasting('other')?.kind;
      if (rules === 'silent') return;
      return reply(response, rules === 'unavailable' ? 503 : 204);
    }
    if (asked === 'GET /twin') return reply(response, 200, state());
    if (asked === `PUT ${FAULT_PATH}`) return void set(message, response).catch(() => response.destroy());
    if (asked !== `DELETE ${FAULT_PATH}`) return reply(response, 404, { error: 'there is no such address' });
    faults.heal();
    return reply(response, 200, state());
  };
};
