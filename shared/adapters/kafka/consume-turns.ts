import type { Admin } from 'kafkajs';
import { limits, type TopicNames } from '../../contracts/index.ts';
import type { Ids, TurnQueue } from '../../ports/index.ts';
import type { TurnLanes } from '../turn-lanes.ts';
import { EndingReader } from './ending-reader.ts';
import type { ConsumerPorts } from './keep-consuming.ts';
import type { MessageSender } from './message-sender.ts';
import { messageParking } from './park-message.ts';
import { groupMarksReader } from './read-group-marks.ts';
import { RequestConsumer } from './request-consumer.ts';
import { type StallFacts, watchProgress } from './watch-progress.ts';

export interface ConsumptionPorts extends ConsumerPorts {
  readonly admin: Admin;
  readonly sender: MessageSender;
  readonly ids: Ids;
  readonly lanes: TurnLanes;
  readonly names: TopicNames;
  /** Resolves once the topics are there. */
  readonly opened: Promise<void>;
  readonly onStalled: (facts: StallFacts) => void;
}

/** One call of `consume` and where it stands. */
export interface TurnConsumption {
  /** Resolves when the signal has aborted and running handlers are done; rejects when the queue cannot be opened. */
  readonly ended: Promise<void>;
  isRunning(): boolean;
  isJoined(): boolean;
  isPaused(): boolean;
  unreadable(): number;
  lag(): number | undefined;
  resumeIfLow(): void;
}

/**
 * Consumes turns and endings side by side. At the abort the share of turns is given up at once, so that another worker has what waits
 * here within a second; endings are read until the last handler has returned, since they may abort its call.
 */
export function consumeTurns(ports: ConsumptionPorts, options: Parameters<TurnQueue['consume']>[0]): TurnConsumption {
  const { kafka, admin, sender, clock, ids, lanes, names, opened, report, onStalled } = ports;
  const { signal } = options;
  const groupId = names.workers;
  let isRunning = false;
  let unreadable = 0;
  let lag: number | undefined;
  const onUnreadable = () => {
    unreadable += 1;
  };
  const park = messageParking({ sender, topic: names.parked, clock, report, onParked: onUnreadable, signal });
  const readMarks = groupMarksReader(admin, clock, groupId, names.requested);
  const shared = { kafka, clock, report };
  const requests = new RequestConsumer({ ...shared, topic: names.requested, groupId, lanes, park, readMarks });
  const endings = new EndingReader({
    ...shared,
    admin,
    topic: names.ended,
    groupId: `${names.readers}${ids.uuid()}`,
    onEnded: (message) => lanes.end(message),
    onUnreadable,
  });

  /** Before the first turn is taken: an ending that comes later is then read, whenever the reader joins. */
  async function beginEndings(): Promise<void> {
    while (!signal.aborted) {
      try {
        return await endings.begin();
      } catch (cause) {
        report({ kind: 'unreachable', cause });
        await clock.sleep(limits.kafka.reopenMs, signal);
      }
    }
  }

  async function run(): Promise<void> {
    isRunning = true;
    const failed = new AbortController();
    const handled = lanes.consume({ ...options, signal: AbortSignal.any([signal, failed.signal]) });
    const done = new AbortController();
    try {
      await Promise.race([opened, aborted(signal)]);
      if (signal.aborted) return;
      await beginEndings();
      const reading = endings.read(done.signal);
      const progress = { admin, clock, topic: names.requested, groupId, consumer: requests, onStalled };
      void watchProgress({ ...progress, onLag: (found) => (lag = found) }, signal);
      await requests.consume(signal);
      await handled;
      done.abort();
      await reading;
    } finally {
      failed.abort();
      done.abort();
      await handled;
      isRunning = false;
    }
  }

  return {
    ended: signal.aborted ? Promise.resolve() : run(),
    isRunning: () => isRunning,
    isJoined: () => requests.isJoined && endings.isJoined,
    isPaused: () => requests.isPaused,
    unreadable: () => unreadable,
    lag: () => lag,
    resumeIfLow: () => requests.resumeIfLow(),
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
