import { join } from 'node:path';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { openAppendFile } from './append-file.ts';
import { serveControl } from './control-requests.ts';
import { createFaultSwitch, type EventStoreFaults } from './fault-switch.ts';
import { listenOnOnePort, type OnePort } from './one-port.ts';
import { serializeOnce } from './read-responses.ts';
import { consumerTooSlow, type Refusal, unavailable } from './refusals.ts';
import { serveAppend } from './serve-append.ts';
import { serveBatchAppend } from './serve-batch-append.ts';
import { serveGossip, serveSupportedMethods } from './serve-cluster.ts';
import { serveDelete, serveTombstone } from './serve-delete.ts';
import { serveRead } from './serve-read.ts';
import { createTwinStore } from './twin-store.ts';

export interface EventStoreTwinOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly host?: string;
  /** Keeps the events in a file in this folder; without it they are gone with the twin. */
  readonly dataFolder?: string;
  readonly nowMs?: () => number;
}

/** A running stand-in for EventStoreDB. */
export interface EventStoreTwin {
  /** What a client takes: `esdb://host:port?tls=false`. */
  readonly url: string;
  readonly port: number;
  readonly faults: EventStoreFaults;
  /** Events in the log that readers can see. */
  readonly events: number;
  /** Calls that stay open: subscriptions and batched appends. */
  openCalls(): number;
  /** Cuts every connection; what was acknowledged is in the file by then. */
  close(): Promise<void>;
}

const LOG_FILE = 'events.jsonl';
/** As the real server: an event may have 16 MiB, of which the rule for appends lets one through; a larger message is code 8. */
const MAX_MESSAGE_BYTES = 17 * 1024 * 1024;
/** As the real server: a 101st call on one connection waits in the client until another ends. */
const MAX_CALLS_PER_CONNECTION = 100;

/** A call that stays open; `emit('error')` ends it with a code. */
interface OpenCall {
  end(): void;
  emit(event: 'error', refusal: Refusal): boolean;
  once(event: 'cancelled' | 'close' | 'finish', listener: () => void): unknown;
}

/**
 * Starts a server that speaks EventStoreDB's gRPC on one port, with its rules of 23.10 and 24.6 as far as this project met them
 * (README.md says what it does not play). Takes any credentials. Rejects with the system's error when the port is taken.
 */
export const startEventStoreTwin = async ({
  port = 0,
  host = '127.0.0.1',
  dataFolder,
  nowMs = Date.now,
}: EventStoreTwinOptions = {}): Promise<EventStoreTwin> => {
  const file = dataFolder === undefined ? undefined : await openAppendFile(join(dataFolder, LOG_FILE));
  const store = createTwinStore(nowMs, file);
  const batches = new Set<OpenCall>();
  const subscriptions = new Set<OpenCall>();
  const listening: { port?: OnePort } = {};
  const faults = createFaultSwitch(() => listening.port?.resetConnections());

  const adopt = (call: OpenCall, into: Set<OpenCall>) => {
    const leave = () => void into.delete(call);
    into.add(call);
    call.once('cancelled', leave);
    call.once('close', leave);
    call.once('finish', leave);
  };
  const adoptSubscription = (call: OpenCall) => {
    if (faults.current?.kind === 'graceful_end') return call.end();
    return adopt(call, subscriptions);
  };
  faults.onChange((fault) => {
    if (fault?.kind === 'graceful_end') for (const call of [...subscriptions]) call.end();
    if (fault?.kind === 'consumer_too_slow')
      for (const call of [...subscriptions]) call.emit('error', consumerTooSlow());
    if (faults.lasting('read')?.kind === 'unavailable')
      for (const call of [...subscriptions]) call.emit('error', unavailable());
    if (faults.lasting('append')?.kind === 'unavailable')
      for (const call of [...batches]) call.emit('error', unavailable());
  });

  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_concurrent_streams': MAX_CALLS_PER_CONNECTION,
  });
  const { read } = StreamsService;
  const readService = { ...read, responseSerialize: serializeOnce(read.responseSerialize) };
  server.addService(
    { ...StreamsService, read: readService },
    {
      append: serveAppend(store, faults),
      batchAppend: serveBatchAppend(store, faults, (call) => adopt(call, batches)),
      read: serveRead(store.log, faults, adoptSubscription),
      delete: serveDelete(store, faults),
      tombstone: serveTombstone(store, faults),
    },
  );
  server.addService(ServerFeaturesService, { getSupportedMethods: serveSupportedMethods(faults) });
  const self = () => ({ host, port: listening.port?.port ?? port });
  server.addService(GossipService, { read: serveGossip(faults, self, nowMs) });
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const onePort = await listenOnOnePort({
    host,
    port,
    onHttp2: (socket) => injector.injectConnection(socket),
    onRequest: serveControl(store.log, faults),
  });
  listening.port = onePort;

  return {
    url: `esdb://${host.includes(':') ? `[${host}]` : host}:${onePort.port}?tls=false`,
    port: onePort.port,
    faults,
    get events() {
      return store.log.shown;
    },
    openCalls: () => batches.size + subscriptions.size,
    async close() {
      injector.destroy();
      server.forceShutdown();
      await onePort.close();
      await file?.close();
    },
  };
};
