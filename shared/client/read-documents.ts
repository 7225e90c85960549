import type {
  Bookmark,
  CompletedTurn,
  ConfiguredModel,
  Lineage,
  ModelCall,
  Player,
  Replay,
  Scenario,
  ScenarioStats,
  Session,
  SessionState,
  Turn,
  Usage,
} from './documents.ts';
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
  throw unreadable('it is not a turn');
}

export const isCompleted = (turn: Turn): turn is CompletedTurn =>
  turn.status === 'completed' && typeof turn.response === 'string';

/** The members of what should be an object; of anything else none. */
export const membersOf = (document: unknown): { readonly [name: string]: unknown } =>
  Object.fromEntries(Object.entries(document ?? {}));
const listOf = (member: unknown): readonly unknown[] => (Array.isArray(member) ? member : []);

/** A document with the tag that its answer gave it; without one, it came in a list. */
function tagged(document: unknown, headers: Pick<Headers, 'get'> | undefined): { readonly [name: string]: unknown } {
  const etag = headers?.get('etag') ?? undefined;
  return { ...membersOf(camelCased(document)), ...(etag !== undefined && { etag }) };
}

export const unreadable = (detail: string) => new TurnledgerProblem('answer_unreadable', { detail });

/** A session of the wire. Throws `answer_unreadable` for what has no id. */
export function toSession(document: unknown, headers?: Pick<Headers, 'get'>): Session {
  const session = tagged(document, headers);
  if (typeof session.id === 'string') return session as unknown as Session;
  throw unreadable('it is not a session');
}

/** A player of the wire. Throws `answer_unreadable` for what has no consent. */
export function toPlayer(document: unknown, headers?: Pick<Headers, 'get'>): Player {
  const player = tagged(document, headers);
  if (typeof player.consent === 'object') return player as unknown as Player;
  throw unreadable('it is not a player');
}

/** A scenario of the wire. Throws `answer_unreadable` for what has no version. */
export function toScenario(document: unknown, headers?: Pick<Headers, 'get'>): Scenario {
  const scenario = tagged(document, headers);
  if (typeof scenario.version === 'number') return scenario as unknown as Scenario;
  throw unreadable('it is not a scenario');
}

/** What became of a scenario version's moves. Throws `answer_unreadable` for what has no version. */
export function toScenarioStats(document: unknown): ScenarioStats {
  const stats = membersOf(camelCased(document));
  if (typeof stats.version === 'number') return stats as unknown as ScenarioStats;
  throw unreadable("it is not a scenario version's figures");
}

/** A session's state of the wire. Throws `answer_unreadable`. */
export function toState(document: unknown, headers?: Pick<Headers, 'get'>): SessionState {
  const state = tagged(document, headers);
  if (typeof state.sessionId === 'string') return state as unknown as SessionState;
  throw unreadable("it is not a session's state");
}

/** One model call of the wire. Throws `answer_unreadable`. */
export function toModelCall(document: unknown): ModelCall {
  const call = membersOf(camelCased(document));
  if (typeof call.turnId === 'string') return call as unknown as ModelCall;
  throw unreadable('it is not a model call');
}

/** What was used. Throws `answer_unreadable`. */
export function toUsage(document: unknown): Usage {
  const { data, totals, ...rest } = membersOf(document);
  if (typeof totals !== 'object' || totals === null) throw unreadable('it is not a usage');
  // Rows stand under `data`, whose content the renaming leaves as it is.
  const rows = listOf(data).map((row) => camelCased(row));
  return { ...camelCased(rest), rows, totals: camelCased(totals) } as unknown as Usage;
}

/** A bookmark of the wire. Throws `answer_unreadable`. */
export function toBookmark(document: unknown): Bookmark {
  const bookmark = membersOf(camelCased(document));
  if (typeof bookmark.bookmark === 'string') return bookmark as unknown as Bookmark;
  throw unreadable('it is not a bookmark');
}

/** A lineage of the wire. Throws `answer_unreadable`. */
export function toLineage(document: unknown): Lineage {
  const lineage = membersOf(camelCased(document));
  if (Array.isArray(lineage.turns)) return lineage as unknown as Lineage;
  throw unreadable('it is not a lineage');
}

/** A re-render of the wire. Throws `answer_unreadable`. */
export function toReplay(document: unknown): Replay {
  const { session, turns } = membersOf(document);
  return { session: toSession(session), turns: listOf(turns).map(toTurn) };
}

/** A page of a list; without `nextCursor` it is the last. Throws `answer_unreadable` for what has no rows, and what `toRow` throws. */
export function toPage<Row>(
  document: unknown,
  toRow: (document: unknown) => Row,
): { readonly rows: readonly Row[]; readonly nextCursor: string | undefined } {
  const { data, next_cursor: nextCursor } = membersOf(document);
  if (!Array.isArray(data)) throw unreadable('it is not a list');
  return {
    rows: data.map((row: unknown) => toRow(row)),
    nextCursor: typeof nextCursor === 'string' ? nextCursor : undefined,
  };
}

/** What a configuration was recorded as. Throws `answer_unreadable`. */
export function toConfigured(document: unknown): ConfiguredModel {
  const configured = membersOf(camelCased(document));
  if (typeof configured.version === 'number') return configured as unknown as ConfiguredModel;
  throw unreadable('it is not a scenario version');
}
