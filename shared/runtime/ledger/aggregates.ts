import type { SealedEvent } from '../../contracts/index.ts';
import {
  evolvePlayer,
  evolveRerun,
  evolveScenario,
  evolveSession,
  initialPlayer,
  initialRerun,
  initialScenario,
  initialSession,
  type PlayerEvent,
  type PlayerState,
  type RerunEvent,
  type RerunState,
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

const rerun: Aggregate<RerunState> = {
  initial: initialRerun,
  evolve: (state, event: SealedEvent) => evolveRerun(state, event as RerunEvent),
  keyIdOf: () => undefined,
  // It keeps every comparison whole.
  stateBytesPerEvent: 1_000,
};

/** The kinds of stream, each with its cache; one per process, shared by whatever runs in it. */
export interface Ledger {
  readonly sessions: AggregateStore<SessionState>;
  readonly scenarios: AggregateStore<ScenarioState>;
  readonly players: AggregateStore<PlayerState>;
  readonly reruns: AggregateStore<RerunState>;
}

export function openLedger(ports: LedgerPorts): Ledger {
  const { cache } = ports;
  return {
    // Of sessions alone: a scenario and a player are a few events, and a re-run has one writer.
    sessions: new AggregateStore(session, ports, cache && warmSessions({ ...ports, cache })),
    scenarios: new AggregateStore(scenario, ports),
    players: new AggregateStore(player, ports),
    reruns: new AggregateStore(rerun, ports),
  };
}
