import { limits } from '../../contracts/index.ts';
import type { AppendOutcome } from '../../ports/index.ts';
import { dataBytes } from '../append-rules.ts';
import type { GroupMember } from './plan-group.ts';

/** Commits members together, one outcome each in their order; must not throw. */
export type CommitMembers = (members: readonly GroupMember[]) => Promise<readonly AppendOutcome[]>;

interface WaitingAppend {
  readonly member: GroupMember;
  readonly bytes: number;
  readonly settle: (outcome: AppendOutcome) => void;
}

const notSent = (why: string): AppendOutcome => ({ outcome: 'unknown', cause: `not sent: ${why}` });

/**
 * The queue in which appends wait while one group is at the disk, and that makes all who waited the next group: one fsync (about 1 ms)
 * for as many as came meanwhile. First come, first in. Bounds: limits.log.maxAppendsPerGroup and maxGroupBytes a group, maxQueuedAppends
 * and maxQueuedBytes waiting; one more answers `unknown` at once, with a cause that says it was not sent.
 */
export class GroupCommit {
  readonly #commit: CommitMembers;
  #waiting: WaitingAppend[] = [];
  #waitingBytes = 0;
  #isClosed = false;
  /** The loop over groups while there are any. */
  #running: Promise<void> | undefined;

  constructor(commit: CommitMembers) {
    this.#commit = commit;
  }

  append(member: GroupMember): Promise<AppendOutcome> {
    if (this.#isClosed) return Promise.resolve(notSent('the log is closed'));
    const bytes = dataBytes(member.events);
    if (this.#waiting.length >= limits.log.maxQueuedAppends || this.#waitingBytes + bytes > limits.log.maxQueuedBytes) {
      return Promise.resolve(notSent('too many appends wait already'));
    }
    return new Promise((settle) => {
      this.#waiting.push({ member, bytes, settle });
      this.#waitingBytes += bytes;
      this.#running ??= this.#run();
    });
  }

  /** Takes no more; those that wait are told that they were not sent; resolves when the group at the disk is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { settle } of this.#waiting.splice(0)) settle(notSent('the log is closed'));
    this.#waitingBytes = 0;
    await this.#running;
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // appends made in the same tick as the first one share its group
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      const outcomes = await this.#commit(group.map(({ member }) => member));
      for (const [index, { settle }] of group.entries())
        settle(outcomes[index] ?? notSent('the group gave no outcome'));
    }
    this.#running = undefined;
  }

  #takeGroup(): readonly WaitingAppend[] {
    let count = 0;
    let bytes = 0;
    while (count < limits.log.maxAppendsPerGroup && bytes < limits.log.maxGroupBytes) {
      const next = this.#waiting[count];
      if (next === undefined) break;
      count += 1;
      bytes += next.bytes;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }
}
