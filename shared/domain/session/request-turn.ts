import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import type { Expected } from '../expected.ts';
import type { Json } from '../secret.ts';
import { historyLength, isEffective, turnOf } from './effective-history.ts';
import type { SessionEvent, Speaker, Trigger } from './events.ts';
import { revisionHolds } from './revision-holds.ts';
import type { SessionState } from './state.ts';

export interface RequestTurn {
  readonly turnId: string;
  readonly speaker: Speaker;
  /** Exactly one of the two: what was said, or what happened. */
  readonly text?: string;
  readonly trigger?: Trigger<'plain'>;
  readonly state?: { readonly rev: number; readonly data: Json };
  readonly metadata?: { readonly [key: string]: Json };
  readonly tokens: number;
  readonly deadlineMs: number;
  readonly bodyHmac: string;
  readonly overrides?: {
    readonly model?: string;
    readonly temperature?: number;
    readonly topP?: number;
    readonly maxTokens?: number;
    readonly stop?: readonly string[];
  };
  /** How many turns a session may record, those that were rewound away included. */
  readonly maxRecordedTurns: number;
  /** From the scenario version that the session plays. */
  readonly maxTurns: number;
  /** Where the scenario lets a new turn take the place of the open one: who asks, and what had been shown of the open one's reply. */
  readonly interruption?: { readonly by: string; readonly partial?: string };
  /** The session's revision that the caller has seen; absent: no guard. */
  readonly expectedRevision?: Expected;
}

export type RequestTurnRefusal =
  | 'idempotency_key_reused'
  | 'player_not_in_session'
  | 'session_ended'
  | 'session_not_found'
  | 'session_revision_mismatch'
  | 'session_turn_limit'
  | 'turn_open'
  | 'turn_rewound';

/**
 * Asks for one reply. The same key with the same body is the same turn, whatever has happened since, unless a rewind has cut it (rule 1); at most
 * one turn is open in a session: a second one is refused, or cancels the first in the same append (rule 3).
 */
export function requestTurn(
  { maxTurns, maxRecordedTurns, interruption, expectedRevision, ...turn }: RequestTurn,
  state: SessionState,
): Decision<SessionEvent<'plain'>, RequestTurnRefusal> {
  if (state.status === 'none') return refused('session_not_found');
  const known = turnOf(state, turn.turnId);
  if (known && known.bodyHmac !== turn.bodyHmac) return refused('idempotency_key_reused', turn.turnId);
  if (known) return isEffective(state, known) ? unchanged : refused('turn_rewound', turn.turnId);
  if (!mayPlay(turn.speaker, state)) return refused('player_not_in_session');
  if (state.status === 'ended') return refused('session_ended');
  if (!revisionHolds(expectedRevision, state)) return refused('session_revision_mismatch');
  const { openTurnId } = state;
  if (openTurnId !== undefined && !interruption) return refused('turn_open', openTurnId);
  const played = historyLength(state);
  if (played >= maxTurns || state.turns.size >= maxRecordedTurns) return refused('session_turn_limit');
  const requested: SessionEvent<'plain'> = {
    type: 'TurnRequested',
    data: { ...turn, position: played + 1, scenarioVersion: state.scenarioVersion },
  };
  const open = openTurnId === undefined ? undefined : turnOf(state, openTurnId);
  if (!open || !interruption) return accepted(requested);
  const superseded: SessionEvent<'plain'> = {
    type: 'TurnCancelled',
    data: {
      turnId: open.turnId,
      reason: 'superseded',
      ...interruption,
      ...(open.attempt > 0 && { attempt: open.attempt }),
    },
  };
  return accepted(superseded, requested);
}

const mayPlay = (speaker: Speaker, state: SessionState): boolean =>
  speaker.kind === 'game' ||
  state.participants.some((one) => one.kind === 'player' && one.playerId === speaker.playerId);
