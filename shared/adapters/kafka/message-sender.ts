import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import { limits, TurnledgerError } from '../../contracts/index.ts';
import type { EncodedMessage } from './turn-message-codec.ts';

/** A message and the topic it is for. */
export interface AddressedMessage extends Omit<EncodedMessage, 'key' | 'value'> {
  readonly topic: string;
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
}

interface Parcel {
  readonly messages: readonly AddressedMessage[];
  readonly bytes: number;
  readonly settle: (error?: TurnledgerError) => void;
}

/** What the format adds to key, value and headers; an estimate, for the bound on what waits. */
const OVERHEAD_BYTES = 64;

const bytesOf = ({ key, value, headers }: AddressedMessage): number =>
  Object.entries(headers).reduce((sum, [name, text]) => sum + name.length + text.length, OVERHEAD_BYTES) +
  Buffer.byteLength(key ?? '') +
  Buffer.byteLength(value ?? '');

const unavailable = (detail: string, cause?: unknown): TurnledgerError =>
  new TurnledgerError('store_unavailable', { detail, cause });

/**
 * Sends messages to all replicas, one request after the other: what comes while one is under way is the next, so that one message costs
 * one round trip (0.9 ms) and five hundred little more. The order of calls is the order in each partition.
 *
 * Never idempotent: that mode lost an acknowledged message in 4 of 4 runs with a broker frozen for 5 s. A retry may double messages.
 * Bounds: limits.kafka.maxBatchMessages a request; maxQueuedMessages and maxQueuedBytes wait, further calls wait for room in their order.
 */
export class MessageSender {
  readonly #producer: Producer;
  #parcels: Parcel[] = [];
  #queuedMessages = 0;
  #queuedBytes = 0;
  #running: Promise<void> | undefined;
  #entered: Promise<void> = Promise.resolve();
  #onRoom: (() => void) | undefined;
  #isClosed = false;

  constructor(kafka: Kafka) {
    this.#producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
  }

  connect(): Promise<void> {
    return this.#producer.connect();
  }

  /** Resolves when every message is acknowledged; rejects with `store_unavailable` when that is not known of all. */
  async send(messages: readonly AddressedMessage[]): Promise<void> {
    const sent: Promise<void>[] = [];
    const entered = this.#entered.then(async () => {
      for (let from = 0; from < messages.length; from += limits.kafka.maxBatchMessages)
        await this.#enter(messages.slice(from, from + limits.kafka.maxBatchMessages), sent);
    });
    this.#entered = entered;
    await entered;
    await Promise.all(sent);
  }

  /** Takes no more and rejects what waits; the request under way has limits.kafka.closeTimeoutMs, as part of who closes this. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { settle } of this.#parcels.splice(0)) settle(unavailable('the turn queue is closed'));
    this.#onRoom?.();
    await this.#running;
    await this.#producer.disconnect();
  }

  async #enter(messages: readonly AddressedMessage[], sent: Promise<void>[]): Promise<void> {
    const bytes = messages.reduce((sum, message) => sum + bytesOf(message), 0);
    while (!this.#isClosed && !this.#hasRoom(messages.length, bytes)) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
    const parcel = new Promise<void>((resolve, reject) => {
      const settle = (error?: TurnledgerError) => (error ? reject(error) : resolve());
      if (this.#isClosed) return settle(unavailable('the turn queue is closed'));
      this.#parcels.push({ messages, bytes, settle });
      this.#queuedMessages += messages.length;
      this.#queuedBytes += bytes;
      this.#running ??= this.#run();
    });
    // It may fail while its caller still waits to bring in the rest.
    parcel.catch(() => undefined);
    sent.push(parcel);
  }

  /** A parcel of any size enters an empty queue. */
  #hasRoom(messages: number, bytes: number): boolean {
    if (this.#queuedMessages === 0) return true;
    const { maxQueuedMessages, maxQueuedBytes } = limits.kafka;
    return this.#queuedMessages + messages <= maxQueuedMessages && this.#queuedBytes + bytes <= maxQueuedBytes;
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // calls of the same tick share a request
    while (this.#parcels.length > 0) {
      const group = this.#takeGroup();
      const error = await this.#request(group);
      for (const { messages, bytes, settle } of group) {
        this.#queuedMessages -= messages.length;
        this.#queuedBytes -= bytes;
        settle(error);
      }
      this.#onRoom?.();
    }
    this.#running = undefined;
  }

  #takeGroup(): readonly Parcel[] {
    let count = 0;
    let messages = 0;
    for (const parcel of this.#parcels) {
      if (count > 0 && messages + parcel.messages.length > limits.kafka.maxBatchMessages) break;
      count += 1;
      messages += parcel.messages.length;
    }
    return this.#parcels.splice(0, count);
  }

  async #request(group: readonly Parcel[]): Promise<TurnledgerError | undefined> {
    const byTopic = new Map<string, AddressedMessage[]>();
    for (const message of group.flatMap(({ messages }) => messages)) {
      const messages = byTopic.get(message.topic) ?? [];
      byTopic.set(message.topic, messages);
      messages.push(message);
    }
    const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages: [...messages] }));
    try {
      await this.#producer.sendBatch({ acks: -1, timeout: limits.kafka.requestTimeoutMs, topicMessages });
      return undefined;
    } catch (cause) {
      return unavailable('the turn queue did not acknowledge all messages', cause);
    }
  }
}
