import { createServer, type IncomingMessage, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a test spells it: nothing is added but what HTTP itself needs. */
export interface PlainRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: { readonly [name: string]: string };
  /** Sent as it is; an object as JSON with its media type. */
  readonly body?: string | Buffer | object;
}

export interface PlainResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The text as JSON; throws where it is none. */
  json(): unknown;
}

export interface ServedApp {
  readonly port: number;
  /** Sends one request on a connection of its own and reads the whole answer. */
  send(wanted: PlainRequest): Promise<PlainResponse>;
  /** Ends the server and every connection to it. */
  close(): Promise<void>;
}

const isText = (body: PlainRequest['body']): body is string | Buffer =>
  typeof body === 'string' || Buffer.isBuffer(body);

/** Serves an application on a free port of the loopback, and sends it requests that `fetch` would not. */
export async function serveApp(listener: RequestListener): Promise<ServedApp> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    send: ({ method = 'GET', path, headers = {}, body }) =>
      new Promise((resolve, reject) => {
        const isJson = body !== undefined && !isText(body);
        const all = { ...(isJson && { 'content-type': 'application/json' }), ...headers };
        const sent = request({ host: '127.0.0.1', port, method, path, headers: all, agent: false }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              json: () => JSON.parse(text),
            });
          });
        });
        sent.on('error', reject);
        sent.end(isText(body) ? body : body && JSON.stringify(body));
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
