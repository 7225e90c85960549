import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { limits, TurnledgerError } from '../../contracts/index.ts';

/** Where to listen: an IP address of this machine, and a port; 0 takes any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** The name under which this machine reaches an address it listens on, as a URL has it. */
export const urlHostOf = (host: string): string => {
  if (['127.0.0.1', '0.0.0.0', '::'].includes(host)) return 'localhost';
  return isIPv6(host) ? `[${host}]` : host;
};

const portTaken = (port: number, cause: unknown) =>
  new TurnledgerError('port_taken', { detail: `${port} is in use; choose another with PORT`, cause });
const notOurs = (cause: unknown) =>
  new TurnledgerError('config_invalid', { detail: 'TURNLEDGER_HOST is no address of this machine', cause });

async function listen(server: Server, { host, port }: ListenAddress): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE' || code === 'EACCES') throw portTaken(port, error);
    if (code === 'EADDRNOTAVAIL') throw notOurs(error);
    throw error;
  }
}

/** Fails early when an address cannot be had, before a database is started for nothing. Throws `port_taken`, `config_invalid`. */
export async function requireFreePort(address: ListenAddress): Promise<void> {
  const probe = createServer();
  await listen(probe, address);
  probe.close();
  await once(probe, 'close');
}

export interface HttpServing {
  readonly port: number;
  /** Stops taking connections, waits for the requests under way, and cuts those that are left when `deadline` aborts. */
  drain(deadline: AbortSignal): Promise<void>;
}

/** Serves on one address until it is drained. Throws `port_taken`, `config_invalid`. */
export async function serve(listener: RequestListener, address: ListenAddress): Promise<HttpServing> {
  let isDraining = false;
  const answer: RequestListener = (request, response) => {
    // Node keeps a connection open after its answer, also while its server closes: that client would hold the process up.
    if (isDraining) response.setHeader('connection', 'close');
    response.once('finish', () => {
      if (isDraining) setImmediate(() => server.closeIdleConnections());
    });
    listener(request, response);
  };
  const server = createServer(
    { maxHeaderSize: limits.http.maxHeaderBytes, keepAliveTimeout: limits.http.keepAliveMs },
    answer,
  );
  const bound = await listen(server, address);
  return {
    port: bound,
    async drain(deadline) {
      isDraining = true;
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const cut = () => server.closeAllConnections();
      deadline.addEventListener('abort', cut, { once: true });
      if (deadline.aborted) cut();
      await closed;
      deadline.removeEventListener('abort', cut);
    },
  };
}
