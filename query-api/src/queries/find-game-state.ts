import { views, viewTable } from '@turnledger/shared/contracts';
import type { GameStateRecord } from '@turnledger/shared/domain';
import type { ViewDatabase } from '@turnledger/shared/ports';

export interface GameStateFound {
  readonly state: GameStateRecord<'sealed'> | null;
  /** The scenario version that the session is played under now. */
  readonly scenarioVersion: number;
  /** What of a state that version lets the public see, as JSON pointers. */
  readonly publicPointers: readonly string[] | null;
}

const SQL = `
  select state.record as state, (session.record ->> 'scenarioVersion')::int as "scenarioVersion",
    version.record #> '{config,view,public}' as "publicPointers"
  from ${viewTable(views.sessions)} session
  left join ${viewTable(views.gameStates)} state on state.key = session.key
  left join ${viewTable(views.scenarioVersions)} version
    on version.key = session.scenario_id || '@' || (session.record ->> 'scenarioVersion')
  where session.key = $1`;

/** A session's newest game state and who may see what of it; undefined for a session that is not there. */
export async function findGameState(database: ViewDatabase, sessionId: string): Promise<GameStateFound | undefined> {
  const [row] = await database.query<GameStateFound>(SQL, [sessionId]);
  return row;
}
