import { sessionStream, turnDocument } from '@turnledger/shared/contracts';
import { isKept, type SessionRecord, type TurnStatus } from '@turnledger/shared/domain';
import { inheritedTurns, readHistory } from '@turnledger/shared/runtime';
import type { QueryPorts } from './ports.ts';

/** A turn as a list shows it, and its place in the list: below 0 for what a fork began with, from 1 on for its own. */
interface InheritedRow {
  readonly place: number;
  readonly document: ReturnType<typeof turnDocument>;
}

/**
 * The turns that a fork began with, in order, those after a place; one more than the limit where there are more. From the log and not from
 * the views: their rows are of today, and a fork sees its past as it stood. None for a session that is no fork. Throws `store_unavailable`.
 */
export async function inheritedRows(
  { ledger, vault }: QueryPorts,
  { sessionId, forkedFrom, cuts }: SessionRecord<'sealed'>,
  wanted: {
    readonly after: number;
    readonly status: TurnStatus | undefined;
    /** Also those that the fork has been rewound behind. */
    readonly withRewound: boolean;
    readonly limit: number;
  },
): Promise<readonly InheritedRow[]> {
  if (!forkedFrom || wanted.after >= LAST_PLACE) return [];
  const { sessions } = ledger;
  // A fork's lineage never changes, so any age will do; what it has been rewound behind since is said by the same row as of its own turns.
  const point = { sessionId, state: await sessions.load(sessionStream(sessionId), Number.POSITIVE_INFINITY) };
  const placeOf = (position: number) => position - forkedFrom.position + LAST_PLACE;
  const isKeptNow = (position: number) => isKept(cuts, { position, requestedRevision: BEFORE_ALL });
  const found = (await inheritedTurns(sessions, point)).filter(
    ({ turn: { position, status } }) =>
      placeOf(position) > wanted.after &&
      (wanted.status === undefined || status === wanted.status) &&
      (wanted.withRewound || isKeptNow(position)),
  );
  const turns = await readHistory({ sessions, vault }, point, found.slice(0, wanted.limit + 1));
  return turns.map((turn) => ({
    place: placeOf(turn.position),
    document: { ...turnDocument(turn), rewound: !isKeptNow(turn.position) },
  }));
}

/** The place of the turn that the fork goes on from; the one before it is at -2. */
const LAST_PLACE = -1;
/** Any rewind of the fork came later. */
const BEFORE_ALL = -1;
