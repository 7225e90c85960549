import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { Client } from 'pg';

/** `swallow`: the server gets all and its answers are lost; `withhold`: the server gets nothing. */
type ProxyMode = 'forward' | 'swallow' | 'withhold';

/** Stands between a store's client and PostgreSQL, on a TCP port of this machine, and breaks what a network can break. */
export class DatabaseProxy {
  readonly #target: Client;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #mode: ProxyMode = 'forward';
  #onHeldBack: () => void = () => undefined;

  private constructor(target: Client) {
    this.#target = target;
  }

  /** Stands before the server of that URL. */
  static async before(connectionString: string): Promise<DatabaseProxy> {
    const proxy = new DatabaseProxy(new Client({ connectionString })); // never connected: it parses the URL
    await proxy.open();
    return proxy;
  }

  /** How a client reaches the database through here. */
  get connection() {
    const { user, password, database } = this.#target;
    return { host: '127.0.0.1', port: this.#port, user, database, ...(password ? { password } : {}) };
  }

  /** From now on; resolves when the first message was swallowed or withheld. */
  breakBy(mode: 'swallow' | 'withhold'): Promise<void> {
    this.#mode = mode;
    return new Promise((resolve) => {
      this.#onHeldBack = resolve;
    });
  }

  /** Cuts all connections on the client's side; new ones are forwarded again. The server learns of it only when it is next free. */
  cut(): void {
    this.#mode = 'forward';
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  /** Takes connections, always on the same port. */
  async open(): Promise<void> {
    this.#server = createServer((near) => this.#join(near)).listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Refuses connections and cuts those that stand, as a database that is down. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.cut();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  #join(near: Socket): void {
    const { host, port } = this.#target;
    const far = createConnection(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
    const pass = (to: Socket, heldBackIn: ProxyMode) => (bytes: Buffer) => {
      if (this.#mode === heldBackIn) this.#onHeldBack();
      else to.write(bytes);
    };
    near.on('data', pass(far, 'withhold'));
    far.on('data', pass(near, 'swallow'));
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined); // its 'close' follows
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
