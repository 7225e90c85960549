import { limits } from '../../contracts/index.ts';
import type { Clock, Ids, TurnMessage, TurnQueue } from '../../ports/index.ts';
import type { KafkaConfig } from '../kafka-config.ts';
import { oncePer } from './once-per.ts';
import type { ProcessKit } from './run-process.ts';

/** Where a broker's queue stands. */
interface QueueStatus {
  readonly isOpen: boolean;
  readonly isJoined: boolean;
  readonly isPaused: boolean;
  readonly waiting: number;
  readonly running: number;
  readonly unreadable: number;
  readonly lag: number | undefined;
}

/** A queue on a broker, as a process sees it. */
export interface BrokerQueue extends TurnQueue {
  readonly opened: Promise<void>;
  probe(): Promise<void>;
  status(): QueueStatus;
  close(): Promise<void>;
}

/** What a queue has to tell whoever runs it. */
export interface QueueNotice {
  readonly kind: string;
  readonly level?: string;
}

export interface OpenQueueOptions {
  readonly connection: KafkaConfig & { readonly clientId: string };
  readonly topics: { readonly prefix: string; readonly partitions: number; readonly replicationFactor: number };
  readonly clock: Clock;
  readonly ids: Ids;
  readonly onError: (error: unknown, message: TurnMessage) => void;
  readonly report: (notice: QueueNotice) => void;
  readonly onStalled: (facts: object) => void;
}

/**
 * Opens the turn queue of a process, however long that takes, with its hop and its figures. A consumer that stands still while turns wait for
 * it ends the process: only a new one is known to help. Throws as ProcessKit.open does.
 */
export async function openTurnQueue<Queue extends BrokerQueue>(
  kit: ProcessKit,
  open: (options: OpenQueueOptions) => Queue,
): Promise<Queue> {
  const { config, clock, ids, logger, metrics, leaving } = kit;
  const { prefix, partitions, replication: replicationFactor } = config.topics;
  // A broker that is away is told of by each of the client's parts, every two seconds.
  const complain = oncePer(limits.process.waitingLogMs, clock);
  const report = ({ kind, level: _level, ...facts }: QueueNotice) => {
    const isAway = kind === 'unreachable' || kind === 'client';
    if (isAway && !complain()) return;
    logger.warn({ kafka: kind, ...facts }, kind === 'unreachable' ? 'waiting for kafka' : 'a notice of kafka');
  };
  const opened = await kit.open<Queue>({
    name: 'kafka',
    open: async () => {
      const queue = open({
        connection: { ...config.kafka, clientId: `turnledger-${kit.name}` },
        topics: { prefix, partitions, replicationFactor },
        clock,
        ids,
        onError: (cause, { turnId }) => logger.error({ turnId, cause }, 'a turn was dropped'),
        report,
        onStalled: (facts) =>
          kit.fail(`the turn queue stands still though turns wait for it: ${JSON.stringify(facts)}`),
      });
      // It waits for its broker by itself, for as long as it takes, but no longer than this process.
      const giveUp = () => void queue.close();
      leaving.addEventListener('abort', giveUp, { once: true });
      try {
        await queue.opened;
        return queue;
      } catch (error) {
        await queue.close();
        throw error;
      } finally {
        leaving.removeEventListener('abort', giveUp);
      }
    },
    probe: (queue) => queue.probe(),
  });
  metrics.gauge(
    'turnledger_queue_lag',
    'Turns that the broker has for this process; -1 while it does not say.',
    () => opened.status().lag ?? -1,
  );
  metrics.gauge(
    'turnledger_messages_unreadable',
    'Messages that this process could not read, or whose turn the log did not have, and left out, since its start.',
    () => opened.status().unreadable,
  );
  return opened;
}
