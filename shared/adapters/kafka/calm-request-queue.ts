import { createRequire } from 'node:module';
import { TurnledgerError } from '../../contracts/index.ts';

/** What of the client's request queue, one for each connection, is looked at here. */
export interface RequestQueue {
  readonly pending: readonly unknown[];
  /** Sends what may be sent, and has the rest looked at again. */
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

/** Of the client's class: its methods are exchanged for all connections of the process. */
interface RequestQueueClass {
  readonly prototype: RequestQueue;
}

const MODULE = 'kafkajs/src/network/requestQueue/index.js';

let isCalm = false;

/**
 * Keeps the client (kafkajs 2.2.4, its last release) from waking once a millisecond for each connection for as long as it lives: a queue that
 * has nothing to send asks for a look at itself at a time that has passed, and at that look again. A queue with something in it is looked at
 * as before. 31 % of an idle worker's time went into it (limits.kafka.fetchWaitMs has what it came to); and Node 24 warns of
 * the negative times. Once a process, before the first client. Throws `invariant_broken` for a client that has no such method: then look anew.
 */
export function calmRequestQueues(): void {
  if (isCalm) return;
  isCalm = true;
  const { prototype }: RequestQueueClass = createRequire(import.meta.url)(MODULE);
  const schedule = prototype.scheduleCheckPendingRequests;
  if (typeof schedule !== 'function')
    throw new TurnledgerError('invariant_broken', { detail: 'kafkajs schedules its requests in another way by now' });
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
}
