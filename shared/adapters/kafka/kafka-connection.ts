import { Kafka, type LogEntry, logLevel, type SASLOptions } from 'kafkajs';
import { limits } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';
import { calmRequestQueues } from './calm-request-queue.ts';
import type { ReportNotice } from './kafka-notice.ts';

/** Where the brokers are and how to sign in there. */
export interface KafkaConnection {
  /** `host:port` of some brokers; they name the others. */
  readonly brokers: readonly string[];
  /** What the brokers call this process in their logs. */
  readonly clientId: string;
  readonly tls?: boolean;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

const { minRetryMs, maxRetryMs, connectTimeoutMs, requestTimeoutMs } = limits.kafka;

/**
 * A client of the brokers. How often it retries stands here and not on the producer, whose own does not cover reconnecting: with
 * limits.kafka.retries a broker that was away for 18 s failed no send, with the client's defaults they reject after 8.5 s. What the library says over and over is reported once in
 * limits.kafka.repeatedNoticeMs: four connections to a broker that is away say some three lines a second.
 */
export function kafkaClient(
  { brokers, clientId, tls = false, sasl }: KafkaConnection,
  { clock, report, retries }: { readonly clock: Clock; readonly report: ReportNotice; readonly retries: number },
): Kafka {
  calmRequestQueues();
  const reportedAtMs = new Map<string, number>();
  const isNews = (message: string): boolean => {
    const nowMs = clock.monotonicMs();
    for (const [known, atMs] of reportedAtMs)
      if (nowMs - atMs >= limits.kafka.repeatedNoticeMs) reportedAtMs.delete(known);
    if (reportedAtMs.has(message)) return false;
    reportedAtMs.set(message, nowMs);
    return true;
  };
  return new Kafka({
    brokers: [...brokers],
    clientId,
    ssl: tls,
    ...(sasl && { sasl: { ...sasl } as SASLOptions }),
    connectionTimeout: connectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    retry: { retries, initialRetryTime: minRetryMs, maxRetryTime: maxRetryMs },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      const notice = noticeOf(entry);
      if (!isAnswer(entry) && isNews(notice.message)) report(notice);
    },
  });
}

/** Whoever asked gets a refusal as an error and knows what it means: two processes that make one topic are no news, nor is a rebalance. */
const isAnswer = ({ namespace, log }: LogEntry): boolean =>
  namespace === 'Connection' && log.message.startsWith('Response ');

const noticeOf = ({ level, namespace, log: { message, timestamp: _unused, logger: _ours, ...cause } }: LogEntry) => ({
  kind: 'client' as const,
  level: level === logLevel.WARN ? ('warn' as const) : ('error' as const),
  message: namespace === '' ? message : `${namespace}: ${message}`,
  cause,
});
