import type { CompletedTurn, ConfiguredModel, Replay, Session, Turn } from './documents.ts';
import { TurnledgerProblem } from './turnledger-problem.ts';
import { camelCased } from './wire-names.ts';

/** Other names that hosts read the same facts under, and links that the client knows by itself. */
const leftOut = new Set(['output', 'tokens_used', 'completion_time', 'links']);

/**
 * A turn of the wire. Its shape is the service's word, but for the two ids and the status that everything else hangs on. Throws
 * `answer_unreadable`.
 */
export function toTurn(document: unknown): Turn {
  const members = Object.entries(membersOf(document)).filter(([name]) => !leftOut.has(name));
  const turn: { readonly [name: string]: unknown } = camelCased(Object.fromEntries(members));
  if ([turn.id, turn.sessionId, turn.status].every((member) => typeof member === 'string'))
    return turn as unknown as Turn;
  throw new TurnledgerProblem('answer_unreadable', { detail: 'it is not a turn' });
}

export const isCompleted = (turn: Turn): turn is CompletedTurn =>
  turn.status === 'completed' && typeof turn.response === 'string';

const membersOf = (document: unknown): { readonly [name: string]: unknown } =>
  Object.fromEntries(Object.entries(document ?? {}));
const listOf = (member: unknown): readonly unknown[] => (Array.isArray(member) ? member : []);

/** A session of the wire. Throws `answer_unreadable` for what has no id. */
export function toSession(document: unknown): Session {
  const session = membersOf(camelCased(document));
  if (typeof session.id === 'string') return session as unknown as Session;
  throw new TurnledgerProblem('answer_unreadable', { detail: 'it is not a session' });
}

/** A re-render of the wire. Throws `answer_unreadable`. */
export function toReplay(document: unknown): Replay {
  const { session, turns } = membersOf(document);
  return { session: toSession(session), turns: listOf(turns).map(toTurn) };
}

/** A page of turns; without `nextCursor` it is the last. Throws `answer_unreadable`. */
export function toPage(document: unknown): {
  readonly turns: readonly Turn[];
  readonly nextCursor: string | undefined;
} {
  const { data, next_cursor: nextCursor } = membersOf(document);
  return { turns: listOf(data).map(toTurn), nextCursor: typeof nextCursor === 'string' ? nextCursor : undefined };
}

/** What a configuration was recorded as. Throws `answer_unreadable`. */
export function toConfigured(document: unknown): ConfiguredModel {
  const configured = membersOf(camelCased(document));
  if (typeof configured.version === 'number') return configured as unknown as ConfiguredModel;
  throw new TurnledgerProblem('answer_unreadable', { detail: 'it is not a scenario version' });
}
