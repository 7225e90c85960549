import type { Consumer } from 'kafkajs';
import { limits } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';
import type { HandledMark } from './handled-offsets.ts';
import type { ReportNotice } from './kafka-notice.ts';
import type { PartitionOffsets } from './partition-offsets.ts';

export interface MarkCommitterOptions {
  readonly topic: string;
  readonly clock: Clock;
  readonly report: ReportNotice;
  /** The partitions that are ours now. */
  readonly partitions: () => Iterable<PartitionOffsets>;
  /** The consumer whose group takes the commits; undefined while there is none. */
  readonly consumer: () => Consumer | undefined;
  /** False while the group is shared out anew: a refusal is no news then. */
  readonly isJoined: () => boolean;
}

/**
 * Commits what is handled. The client may repeat a commit after the partitions have been shared out anew; the group then stands behind
 * where the new owner left it, which brings messages a second time and loses none.
 */
export class MarkCommitter {
  readonly #options: MarkCommitterOptions;
  #committing: Promise<void> | undefined;

  constructor(options: MarkCommitterOptions) {
    this.#options = options;
  }

  /** Commits every limits.kafka.commitIntervalMs while the group is joined, until the signal aborts. */
  async commitRegularly(signal: AbortSignal): Promise<void> {
    const { clock, isJoined } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(limits.kafka.commitIntervalMs, signal);
      if (isJoined()) await this.commit();
    }
  }

  /** Commits once, after the commit under way; never rejects. */
  async commit(): Promise<void> {
    await this.#committing;
    this.#committing ??= this.#commitNow().finally(() => {
      this.#committing = undefined;
    });
    await this.#committing;
  }

  /** Resolves when no commit is under way. */
  async idle(): Promise<void> {
    await this.#committing;
  }

  async #commitNow(): Promise<void> {
    const { topic, report, partitions, consumer, isJoined } = this.#options;
    const marks = new Map<PartitionOffsets, HandledMark>();
    for (const offsets of partitions()) {
      const mark = offsets.uncommitted();
      if (mark) marks.set(offsets, mark);
    }
    const commits = [...marks].map(([{ partition }, { offset, metadata }]) => {
      return { topic, partition, offset: String(offset), metadata };
    });
    if (commits.length === 0) return;
    try {
      await consumer()?.commitOffsets(commits);
      for (const [offsets, mark] of marks) offsets.committed(mark);
    } catch (cause) {
      if (isJoined()) report({ kind: 'commit_failed', cause });
    }
  }
}
