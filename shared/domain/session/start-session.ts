import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import type { Json } from '../secret.ts';
import type { Participant, SessionEvent } from './events.ts';
import type { SessionState } from './state.ts';

export interface StartSession {
  readonly scenarioId: string;
  readonly scenarioVersion: number;
  readonly gameId?: string;
  readonly participants: readonly Participant[];
  readonly keyId: string;
  readonly metadata?: { readonly [key: string]: Json };
  readonly bodyHmac: string;
}

/** Opens a session; the same request again changes nothing, another request under its key is refused (rule 1). */
export function startSession(
  command: StartSession,
  state: SessionState,
): Decision<SessionEvent<'plain'>, 'idempotency_key_reused'> {
  if (state.status === 'none') return accepted({ type: 'SessionStarted', data: command });
  return state.bodyHmac === command.bodyHmac ? unchanged : refused('idempotency_key_reused');
}
