import { expect } from '@jest/globals';
import type { Decision } from '../domain/index.ts';
import { deepFreeze } from './deep-freeze.ts';

export interface Decider<State, Event> {
  readonly initial: State;
  readonly evolve: (state: State, event: Event) => State;
}

/** What the decision under test must be; exactly one of these ends a specification. */
export interface Then<Decided, Refusal extends string> {
  /** These events and no others, in this order. */
  thenAppends(...events: readonly Decided[]): void;
  /** The command's effect is in the stream already. */
  thenUnchanged(): void;
  /** Refused for a reason that the decider can give at all (checked by the compiler), naming the turn if one is given. */
  thenRefused(reason: Refusal, turnId?: string): void;
}

export interface When<State> {
  when<Command, Decided, Refusal extends string>(
    decide: (command: Command, state: State) => Decision<Decided, Refusal>,
    command: Command,
  ): Then<Decided, Refusal>;
}

/**
 * Given these events, when this command, then that decision.
 *
 * Events, commands and every state are deeply frozen on the way, so that each specification also shows that neither `evolve` nor the
 * decider changes what it was given.
 */
export function deciderSpecification<State, Event>({ initial, evolve }: Decider<State, Event>) {
  const fold = (events: readonly Event[]): State =>
    events.reduce((state, event) => deepFreeze(evolve(state, deepFreeze(event))), deepFreeze(initial));
  return {
    /** The state after these events, for what a decision does not show. */
    stateAfter: (...events: readonly Event[]): State => fold(events),
    given: (...events: readonly Event[]): When<State> => ({
      when: (decide, command) => expectation(decide(deepFreeze(command), fold(events))),
    }),
  };
}

const expectation = <Decided, Refusal extends string>(
  decision: Decision<Decided, Refusal>,
): Then<Decided, Refusal> => ({
  thenAppends: (...events) => expect(decision).toStrictEqual({ outcome: 'accepted', events }),
  thenUnchanged: () => expect(decision).toStrictEqual({ outcome: 'unchanged' }),
  thenRefused: (reason, turnId) =>
    expect(decision).toStrictEqual({ outcome: 'refused', reason, ...(turnId !== undefined && { turnId }) }),
});
