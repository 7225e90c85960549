import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';

const LOOPBACK = '127.0.0.1';

const portTaken = (port: number, cause: unknown) =>
  new TurnledgerError('port_taken', { detail: `${port} is in use; choose another with PORT`, cause });

async function listen(server: Server, port: number): Promise<number> {
  try {
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE' || code === 'EACCES') throw portTaken(port, error);
    throw error;
  }
}

/** Fails early when a port cannot be had, before a database is started for nothing. Throws `port_taken`. */
export async function requireFreePort(port: number): Promise<void> {
  const probe = createServer();
  await listen(probe, port);
  probe.close();
  await once(probe, 'close');
}

export interface HttpServing {
  readonly port: number;
  /** Stops taking connections, waits for the requests under way, and cuts those that are left when `deadline` aborts. */
  drain(deadline: AbortSignal): Promise<void>;
}

/** Serves on loopback alone: without tokens nobody else may call. Port 0 takes any free one. Throws `port_taken`. */
export async function serve(listener: RequestListener, port: number): Promise<HttpServing> {
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
  const bound = await listen(server, port);
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
