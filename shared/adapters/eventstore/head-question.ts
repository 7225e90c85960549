import type { ChangeSignal } from '../change-signal.ts';
import { failureText } from './event-store-failure.ts';
import type { OwnHead } from './own-head.ts';

/** Asks for the newest position of ours without being waited for: `changes` is raised when there is an answer. At most one is asked. */
export class HeadQuestion {
  readonly #head: OwnHead;
  readonly #changes: ChangeSignal;
  #answer: bigint | undefined;
  #failure: string | undefined;
  #isAsked = false;
  #isDropped = false;

  constructor(head: OwnHead, changes: ChangeSignal) {
    this.#head = head;
    this.#changes = changes;
  }

  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** Why the last question had no answer, if it had none. */
  get failure(): string | undefined {
    return this.#failure;
  }

  ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#isDropped = false;
    this.#answer = undefined;
    const settle = (answer: bigint | undefined, failure?: string) => {
      this.#isAsked = false;
      this.#answer = this.#isDropped ? undefined : answer;
      this.#failure = failure;
      this.#changes.raise();
    };
    this.#head.look().then(settle, (error: unknown) => settle(undefined, failureText(error)));
  }

  /** An answer that is under way is of no use any more: an event came after it was asked for, and the log may hold the next one. */
  drop(): void {
    this.#isDropped = true;
    this.#answer = undefined;
  }

  /** The answer, once; undefined while there is none. */
  takeAnswer(): bigint | undefined {
    const answer = this.#answer;
    this.#answer = undefined;
    return answer;
  }
}
