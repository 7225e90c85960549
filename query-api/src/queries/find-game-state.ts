import { views, viewTable } from '@turnledger/shared/contracts';
import type { GameStateRecord } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';
import { keptSql } from './kept-sql.ts';

export interface GameStateFound {
  readonly state: GameStateRecord<'sealed'> | null;
  /** The scenario version that the session is played under now. */
  readonly scenarioVersion: number;
  /** What of a state that version lets the public see, as JSON pointers. */
  readonly publicPointers: readonly string[] | null;
}

const kept = keptSql(`session.record -> 'cuts'`, { revision: 'brought.revision', position: 'brought.position' });

const SQL = `
  select state.record as state, (session.record ->> 'scenarioVersion')::int as "scenarioVersion",
    version.record #> '{config,view,public}' as "publicPointers"
  from ${viewTable(views.sessions)} session
  left join lateral (
    select record from ${viewTable(views.gameStates)} brought
    where brought.session_id = session.key and ${kept}
    order by brought.revision desc limit 1) state on true
  left join ${viewTable(views.scenarioVersions)} version
    on version.key = session.scenario_id || '@' || (session.record ->> 'scenarioVersion')
  where session.key = $1`;

/** The newest game state of a session's effective history and who may see what of it; undefined for a session that is not there. */
export async function findGameState(database: ViewDatabase, sessionId: string): Promise<GameStateFound | undefined> {
  const [row] = await database.query<GameStateFound>(SQL, [sessionId]);
  return row;
}
