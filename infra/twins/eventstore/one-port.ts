import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** The first letters of every HTTP/2 connection; no HTTP/1 method begins like this. */
const HTTP2_PREFACE = 'PRI ';

/** A port that speaks both HTTP/2, for gRPC, and HTTP/1, as the real server's does. */
export interface OnePort {
  readonly port: number;
  /** Resets (RST) every HTTP/2 connection. */
  resetConnections(): void;
  /** Takes no more connections and cuts those that stand. */
  close(): Promise<void>;
}

export interface OnePortOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly onHttp2: (socket: Socket) => void;
  readonly onRequest: RequestListener;
}

/** Listens; rejects with the system's error when the port is taken. */
export const listenOnOnePort = async ({ host, port, onHttp2, onRequest }: OnePortOptions): Promise<OnePort> => {
  const http = createHttpServer(onRequest);
  const sockets = new Set<Socket>();
  const http2Sockets = new Set<Socket>();

  const sort = (socket: Socket) => {
    const first: Buffer | null = socket.read();
    if (first === null) return void socket.once('readable', () => sort(socket));
    socket.unshift(first);
    if (!first.toString('latin1').startsWith(HTTP2_PREFACE)) return void http.emit('connection', socket);
    http2Sockets.add(socket);
    socket.once('close', () => http2Sockets.delete(socket));
    return onHttp2(socket);
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket)).once('readable', () => sort(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;

  return {
    port: address.port,
    resetConnections() {
      for (const socket of http2Sockets) socket.resetAndDestroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        http.close();
        for (const socket of sockets) socket.destroy();
      }),
  };
};
