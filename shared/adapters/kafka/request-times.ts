import { topicNames } from '../../contracts/index.ts';
import type { Ids } from '../../ports/index.ts';
import { readTopic, type TopicReading } from './read-topic.ts';
import { decodeTurnMessage } from './turn-message-codec.ts';

export interface RequestTimesOptions extends Pick<TopicReading, 'connection' | 'clock' | 'report' | 'signal'> {
  /** Of topics and groups, as the processes have it. */
  readonly prefix: string;
  readonly ids: Ids;
}

/**
 * When the relay gave each turn's request to its Kafka client, by turn: the message's own timestamp, milliseconds since the epoch by the
 * relay's clock; the first where a turn was told of again. Of the requests that the broker still keeps. Throws as `readTopic` does.
 */
export async function readRequestTimes({
  prefix,
  ids,
  ...reading
}: RequestTimesOptions): Promise<ReadonlyMap<string, number>> {
  const { requested, readers } = topicNames(prefix);
  const times = new Map<string, number>();
  await readTopic({
    ...reading,
    topic: requested,
    groupId: `${readers}${ids.uuid()}`,
    onMessage: (message) => {
      const decoded = decodeTurnMessage('requested', message);
      if (decoded.outcome !== 'read') return;
      const { turnId } = decoded.message;
      times.set(turnId, Math.min(times.get(turnId) ?? Number.POSITIVE_INFINITY, Number(message.timestamp)));
    },
  });
  return times;
}
