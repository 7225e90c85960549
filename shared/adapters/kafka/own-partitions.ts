import { limits } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';
import type { TurnLanes } from '../turn-lanes.ts';
import { PartitionOffsets } from './partition-offsets.ts';
import type { ReadGroupMarks } from './read-group-marks.ts';
import { withinMs } from './within-ms.ts';

export interface OwnPartitionsOptions {
  readonly clock: Clock;
  readonly lanes: TurnLanes;
  readonly readMarks: ReadGroupMarks;
  /** Resolves when no commit is under way. */
  readonly idle: () => Promise<void>;
  readonly onMoved: () => void;
}

/**
 * The partitions that are this process's since the newest sharing-out, each with what of it is taken and handled. What waited of one that is
 * lost is forgotten, what runs of it runs on without being counted.
 */
export class OwnPartitions {
  readonly #options: OwnPartitionsOptions;
  readonly #partitions = new Map<number, PartitionOffsets>();
  #settled: Promise<void> = Promise.resolve();
  /** Counts the sharings-out: what was asked under an earlier one is of no use. */
  #sharing = 0;

  constructor(options: OwnPartitionsOptions) {
    this.#options = options;
  }

  values(): Iterable<PartitionOffsets> {
    return this.#partitions.values();
  }

  /** The next offset of each; undefined where none has come yet. */
  positions(): ReadonlyMap<number, number | undefined> {
    return new Map([...this.#partitions.values()].map(({ partition, next }) => [partition, next]));
  }

  /** Settles when it is known where the group stands in those of the newest sharing-out. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  /** Undefined for one that is not ours, or not settled yet. */
  get(partition: number): PartitionOffsets | undefined {
    return this.#partitions.get(partition);
  }

  /** These are ours from now on, and no other. Returns at once: see `settled`. */
  share(partitions: readonly number[]): void {
    for (const partition of this.#partitions.keys()) if (!partitions.includes(partition)) this.#revoke(partition);
    this.#options.lanes.dropRevoked();
    this.#sharing += 1;
    this.#settled = this.#settle(partitions, this.#sharing);
  }

  /** None is ours any more. */
  revokeAll(): void {
    this.#sharing += 1;
    for (const [partition] of this.#partitions) this.#revoke(partition);
    this.#options.lanes.dropRevoked();
  }

  /** A partition is still ours as it was only if the group stands where we left it: it may have been somebody else's in between. */
  async #settle(partitions: readonly number[], sharing: number): Promise<void> {
    const { clock, lanes, readMarks, idle, onMoved } = this.#options;
    // A commit that was under way tells where we left it; without its answer the partition would look like somebody else's.
    await withinMs(idle(), limits.kafka.restoreTimeoutMs, clock);
    const marks = await readMarks(partitions);
    if (this.#sharing !== sharing) return;
    for (const partition of partitions) {
      const mark = marks?.get(partition);
      const kept = this.#partitions.get(partition);
      if (kept && (marks === undefined || mark?.offset === kept.committedOffset)) continue;
      this.#revoke(partition);
      this.#partitions.set(partition, new PartitionOffsets(partition, mark, onMoved));
    }
    lanes.dropRevoked();
  }

  #revoke(partition: number): void {
    this.#partitions.get(partition)?.revoke();
    this.#partitions.delete(partition);
  }
}
