import type { SealedEvent } from '../../contracts/index.ts';
import {
  evolvePlayer,
  evolveScenario,
  evolveSession,
  initialPlayer,
  initialScenario,
  initialSession,
  type PlayerEvent,
  type PlayerState,
  type ScenarioEvent,
  type ScenarioState,
  type SessionEvent,
  type SessionState,
} from '../../domain/index.ts';
import { type Aggregate, AggregateStore, type LedgerPorts } from './aggregate-store.ts';
import { warmSessions } from './warm-sessions.ts';

const keyIdIn = (event: { readonly data: object }): string | undefined =>
  'keyId' in event.data && typeof event.data.keyId === 'string' ? event.data.keyId : undefined;

// A stream holds one aggregate's events only, so the narrowing below cannot be wrong without the log being another product's.
const session: Aggregate<SessionState> = {
  initial: initialSession,
  evolve: (state, event: SealedEvent) => evolveSession(state, event as SessionEvent<'sealed'>),
  keyIdOf: (state, firstEvent) => (state.status === 'none' ? keyIdIn(firstEvent) : state.keyId),
};

const scenario: Aggregate<ScenarioState> = {
  initial: initialScenario,
  evolve: (state, event: SealedEvent) => evolveScenario(state, event as ScenarioEvent),
  keyIdOf: () => undefined,
};

const player: Aggregate<PlayerState> = {
  initial: initialPlayer,
  evolve: (state, event: SealedEvent) => evolvePlayer(state, event as PlayerEvent<'sealed'>),
  keyIdOf: (state, firstEvent) => (state.status === 'none' ? keyIdIn(firstEvent) : state.keyId),
};

/** The three kinds of stream, each with its cache; one per process, shared by whatever runs in it. */
export interface Ledger {
  readonly sessions: AggregateStore<SessionState>;
  readonly scenarios: AggregateStore<ScenarioState>;
  readonly players: AggregateStore<PlayerState>;
}

export function openLedger(ports: LedgerPorts): Ledger {
  const { cache } = ports;
  return {
    // Of sessions alone: a scenario and a player are a few events.
    sessions: new AggregateStore(session, ports, cache && warmSessions({ ...ports, cache })),
    scenarios: new AggregateStore(scenario, ports),
    players: new AggregateStore(player, ports),
  };
}
