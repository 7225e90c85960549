import { limits } from '../../contracts/index.ts';
import type { Delivery } from '../turn-lanes.ts';
import { type HandledMark, HandledOffsets } from './handled-offsets.ts';

/** What of a partition this process has taken and handled, for as long as the partition is its own. */
export class PartitionOffsets {
  readonly partition: number;
  readonly #offsets: HandledOffsets;
  readonly #onMoved: () => void;
  #isRevoked = false;
  #hole: number | undefined;
  #committed: HandledMark | undefined;

  /** `committed`: where the group stands, or undefined when it never was here. */
  constructor(partition: number, committed: HandledMark | undefined, onMoved: () => void) {
    this.partition = partition;
    this.#offsets = committed ? HandledOffsets.restore(committed) : new HandledOffsets();
    this.#committed = committed;
    this.#onMoved = onMoved;
  }

  get next(): number | undefined {
    return this.#offsets.next;
  }

  /** Where the group stands, as this process knows it. */
  get committedOffset(): number | undefined {
    return this.#committed?.offset;
  }

  /** Lets what is under way end without being counted: somebody else answers for the partition. */
  revoke(): void {
    this.#isRevoked = true;
  }

  /**
   * True for a fetch that leaves out what has not come yet: one that was under way while partitions were shared out. To take it would
   * commit past messages that nobody has seen. The second time at the same place the broker means it: what was there is past its keeping.
   */
  isBeyond(fetchedFrom: number): boolean {
    const { next } = this.#offsets;
    if (next === undefined || fetchedFrom <= next || this.#hole === next) return false;
    this.#hole = next;
    return true;
  }

  /** The delivery of a message that is news; undefined for one that was seen before. */
  take(offset: number): Delivery | undefined {
    if (!this.#offsets.begin(offset)) return undefined;
    this.#onMoved();
    return {
      onHandled: () => {
        this.#offsets.handled(offset);
        this.#onMoved();
      },
      isRevoked: () => this.#isRevoked,
    };
  }

  /** The mark to commit; undefined when the group has it already. */
  uncommitted(): HandledMark | undefined {
    const mark = this.#offsets.mark(limits.kafka.maxCommitMetadataBytes);
    const known = this.#committed;
    return mark && mark.offset === known?.offset && mark.metadata === known.metadata ? undefined : mark;
  }

  committed(mark: HandledMark): void {
    this.#committed = mark;
  }
}
