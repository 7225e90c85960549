import { views, viewTable } from '@turnledger/shared/contracts';
import type { CallRecord } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

export interface CallFilter {
  readonly sessionId?: string | undefined;
  readonly gameId?: string | undefined;
  readonly scenarioId?: string | undefined;
  readonly model?: string | undefined;
  /** As it is shown: with `unaccounted` for the open call of an ended turn. */
  readonly status?: string | undefined;
  /** Started then or later, and before that; ISO 8601 in UTC with milliseconds. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly limit: number;
  /** Sort values of the last row seen: startedAt, call id. */
  readonly after?: readonly (string | number)[] | undefined;
}

export interface CallFound {
  readonly call: CallRecord;
  /** Null while the call's turn is open. */
  readonly turnEndedAt: string | null;
}

// An ending that gives no account of its call says so in its turn's row alone, which a page reads by its key: that spares each such ending
// a write. The turn is the call's own, so there is exactly one. A summary is about a turn that had ended before: that says nothing of its call.
const SQL = `
  select call.record as call, turn.ended_at as "turnEndedAt"
  from ${viewTable(views.llmCalls)} call join ${viewTable(views.turns)} turn on turn.key = call.turn_id
  where ($1::text is null or call.session_id = $1)
    and ($2::text is null or call.game_id = $2)
    and ($3::text is null or call.scenario_id = $3)
    and ($4::text is null or call.model = $4)
    and ($5::text is null or $5 = case when call.status = 'open' and turn.ended_at is not null and call.record ->> 'purpose' is null then 'unaccounted' else call.status end)
    and ($6::text is null or call.started_at >= $6)
    and ($7::text is null or call.started_at < $7)
    and ($8::text is null or (call.started_at, call.key) < ($8, $9))
  order by call.started_at desc, call.key desc
  limit $10`;

/** Model calls, newest first; one row more than the limit where there are more. */
export async function listCalls(database: ViewDatabase, filter: CallFilter): Promise<readonly CallFound[]> {
  const { sessionId, gameId, scenarioId, model, status, from, to, limit, after = [] } = filter;
  const values = [sessionId, gameId, scenarioId, model, status, from, to, after[0], after[1]];
  return database.query<CallFound>(SQL, [...values.map((value) => value ?? null), limit + 1]);
}
