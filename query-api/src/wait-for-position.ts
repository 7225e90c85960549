import {
  limits,
  parsePositionToken,
  parseStream,
  type StreamPosition,
  TurnledgerError,
  views,
  viewTable,
} from '@turnledger/shared/contracts';
import { type Caller, requireNoPlayer, requireSession } from '@turnledger/shared/runtime';
import type { QueryPorts } from './ports.ts';
import { requireRerun } from './require-rerun.ts';

/** Where each kind of stream that a client knows is looked for: the rows of a session and a player are keyed by their ids, a scenario has one a version. */
const REACHED = {
  session: `select 1 from ${viewTable(views.sessions)} where key = $1 and revision >= $2`,
  rerun: `select 1 from ${viewTable(views.reruns)} where key = $1 and revision >= $2`,
  player: `select 1 from ${viewTable(views.players)} where key = $1 and revision >= $2`,
  scenario: `select 1 from ${viewTable(views.scenarioVersions)} where scenario_id = $1 and revision >= $2 limit 1`,
} as const;

/**
 * Waits until the views have folded what the token names, at most limits.http.maxViewWaitMs. Throws `request_invalid` for a token that is
 * not ours, `view_behind` when the time is over: never an older answer in silence. A token of a session or a re-run that is not the caller's is
 * answered as if there were none, at once: how long it waits would tell whether there is one.
 */
export async function waitForPosition(ports: QueryPorts, caller: Caller, token: string | undefined): Promise<void> {
  const { views: database, clock } = ports;
  if (token === undefined) return;
  const position = parsePositionToken(token);
  const { kind, id = '' } = (position && parseStream(position.stream)) ?? {};
  if (!position || kind === undefined || kind === 'rerunsession') {
    throw new TurnledgerError('request_invalid', {
      fields: [{ pointer: '/min_position', message: 'is not a log_position' }],
    });
  }
  if (kind === 'session') await requireSession(ports, caller, id, 'session_not_found');
  if (kind === 'rerun') {
    requireNoPlayer(caller, 'a re-run is for games and operators');
    if (caller.gameId !== undefined) await requireRerun(ports, caller, id);
  }
  if (kind === 'player') await requirePlayer(ports, caller, id);
  const untilMs = clock.monotonicMs() + limits.http.maxViewWaitMs;
  while (!(await hasReached(database, REACHED[kind], position))) {
    if (clock.monotonicMs() >= untilMs) throw new TurnledgerError('view_behind', { headers: { 'retry-after': '1' } });
    await clock.sleep(limits.views.waitLookMs);
  }
}

/** A player may wait for their own record alone. */
async function requirePlayer({ vault }: QueryPorts, { role, subject }: Caller, playerId: string): Promise<void> {
  if (role !== 'player') return;
  if ((await vault.findPlayer(subject))?.playerId !== playerId) throw new TurnledgerError('player_not_found');
}

async function hasReached(
  database: QueryPorts['views'],
  sql: string,
  { stream, revision }: StreamPosition,
): Promise<boolean> {
  const key = stream.slice(stream.indexOf('-') + 1);
  return (await database.query(sql, [key, revision])).length > 0;
}
