import type { KafkaMessage } from 'kafkajs';
import { limits, type ParkReason, parkedMessageHeaders, TurnledgerError, topicNames } from '../../contracts/index.ts';
import type { Ids } from '../../ports/index.ts';
import type { MessagePlace } from './kafka-notice.ts';
import { readTopic, type TopicReading } from './read-topic.ts';

/** A message that a worker put aside. */
export interface ListedParkedMessage {
  readonly parkedAtMs: number;
  /** Both undefined for one that no worker of ours wrote. */
  readonly reason: ParkReason | undefined;
  readonly from: MessagePlace | undefined;
  readonly key: string;
  /** As UTF-8, of a long one the beginning (limits.parked.maxShownBytes). */
  readonly value: string;
  /** Of the value as it is kept. */
  readonly bytes: number;
}

export interface ParkedListing extends Pick<TopicReading, 'connection' | 'clock' | 'report'> {
  /** Of topics and groups, as the processes have it. */
  readonly prefix: string;
  readonly ids: Ids;
  readonly max: number;
}

/**
 * The newest `max` of the messages that workers put aside and Kafka still keeps (30 days), the newest first, and how many there are; a place
 * that was parked twice counts once. Takes some 1 s. Throws `config_invalid` where the brokers have no such topic, `store_unavailable` after
 * limits.parked.readTimeoutMs, and what the brokers answer.
 */
export async function listParkedMessages({
  prefix,
  ids,
  max,
  ...reading
}: ParkedListing): Promise<{ readonly total: number; readonly newest: readonly ListedParkedMessage[] }> {
  const { parked, readers } = topicNames(prefix);
  const places = new Set<string>();
  const kept: ListedParkedMessage[] = [];
  const signal = AbortSignal.timeout(limits.parked.readTimeoutMs);
  const onMessage = (message: KafkaMessage) => {
    const listed = listedOf(message);
    const { topic, partition, offset } = listed.from ?? { topic: parked, partition: 0, offset: message.offset };
    const place = `${topic} ${partition} ${offset}`;
    if (places.has(place)) return;
    places.add(place);
    kept.push(listed);
    if (kept.length > max) kept.shift();
  };
  try {
    await readTopic({ ...reading, topic: parked, groupId: `${readers}${ids.uuid()}`, onMessage, signal });
  } catch (cause) {
    if (!isUnknownTopic(cause)) throw cause;
    const detail = `the brokers have no topic ${parked}; is TURNLEDGER_TOPIC_PREFIX that of the processes?`;
    throw new TurnledgerError('config_invalid', { detail, cause });
  }
  if (signal.aborted)
    throw new TurnledgerError('store_unavailable', {
      detail: `Kafka did not show all of ${parked} within ${limits.parked.readTimeoutMs / 1_000} s`,
    });
  return { total: places.size, newest: kept.toReversed() };
}

function listedOf({ timestamp, headers = {}, key, value }: KafkaMessage): ListedParkedMessage {
  const texts = Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, header?.toString()]));
  const { data } = parkedMessageHeaders.safeParse(texts);
  return {
    parkedAtMs: Number(timestamp),
    reason: data?.reason,
    from: data && { topic: data.topic, partition: Number(data.partition), offset: data.offset },
    key: key?.toString('utf8') ?? '',
    value: value?.subarray(0, limits.parked.maxShownBytes).toString('utf8') ?? '',
    bytes: value?.length ?? 0,
  };
}

/** The client tries again before it says so. */
function isUnknownTopic(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('type' in error && error.type === 'UNKNOWN_TOPIC_OR_PARTITION') return true;
  return 'cause' in error && isUnknownTopic(error.cause);
}
