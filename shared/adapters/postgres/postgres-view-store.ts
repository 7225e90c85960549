import type { Pool, PoolClient } from 'pg';
import { limits, viewName, views, viewTable } from '../../contracts/index.ts';
import type { ViewDefinition, ViewRow, ViewStore } from '../../ports/index.ts';
import { storeUnavailable, timedQuery } from './timed-query.ts';
import { commitViews } from './view-commit.ts';
import { viewStatements } from './view-tables.ts';

const { queryTimeoutMs, prepareTimeoutMs } = limits.views;

// `create table if not exists` of two processes at once can fail on the catalogue's unique index, so they take turns; any fixed number does.
const TAKE_TURNS = 'select pg_advisory_xact_lock(1414676045)';

// A few hundred rows of a partial index, however long the history; "C" is the order of the key's characters on every server.
const OPEN_TURNS = `
  select key, stream, revision, record::text as record from ${viewTable(views.turns)}
  where status in ('requested', 'started')
    and ($2::bigint is null or deadline_at_ms < $2)
    and ($3::text is null or key collate "C" > $3)
  order by key collate "C"
  limit $1`;

// A table that somebody dropped is made again empty: with its checkpoint kept, it would stay so in silence.
const FORGET_DROPPED = `
  delete from turnledger_views.checkpoint
  where view = any($1::text[]) and to_regclass('turnledger_views.' || quote_ident(view)) is null`;

const START_CHECKPOINTS = `
  insert into turnledger_views.checkpoint (view, position)
  select view, 0 from unnest($1::text[]) as view
  on conflict (view) do nothing`;

// A lost connection fails the running statement, and that is what the caller sees; unheard, the event would end the process.
const ignore = () => undefined;

async function prepareViews(client: PoolClient, definitions: readonly ViewDefinition[]): Promise<void> {
  await timedQuery(client, `begin; ${TAKE_TURNS}`, [], prepareTimeoutMs);
  await timedQuery(client, FORGET_DROPPED, [definitions.map(viewName)], prepareTimeoutMs);
  for (const view of definitions) await timedQuery(client, viewStatements(view), [], prepareTimeoutMs);
  await timedQuery(client, START_CHECKPOINTS, [definitions.map(viewName)], prepareTimeoutMs);
  await timedQuery(client, 'commit', [], prepareTimeoutMs);
}

/**
 * A client that is listened to from the moment it leaves the pool. Between that moment and the promise of `pool.connect()` its server's last
 * words may be read, from the very packet that freed it, and an 'error' that nobody hears ends the process.
 */
const takeClient = (pool: Pool): Promise<PoolClient> =>
  new Promise((resolve, reject) => {
    pool.connect((error, client) => {
      if (client === undefined) return reject(error);
      client.on('error', ignore);
      resolve(client);
    });
  });

/**
 * The views in PostgreSQL: a table each in schema `turnledger_views` (see viewTable), with columns of their own for what queries filter
 * and sort on. Needs the migrations to have run; the pool stays the caller's. A commit that throws may or may not have happened: read
 * the checkpoint again. Every wait for an answer is bounded (limits.views); a connection that failed is closed, not used again.
 */
export function openPostgresViewStore({ pool }: { readonly pool: Pool }): ViewStore {
  const onOneClient = async <Answer>(work: (client: PoolClient) => Promise<Answer>): Promise<Answer> => {
    let client: PoolClient | undefined;
    try {
      client = await takeClient(pool);
      const answer = await work(client);
      client.off('error', ignore);
      client.release();
      return answer;
    } catch (error) {
      client?.release(true);
      throw storeUnavailable(error);
    }
  };

  return {
    prepare: (definitions) => onOneClient((client) => prepareViews(client, definitions)),

    checkpoint: async (view) => {
      const text = 'select position from turnledger_views.checkpoint where view = $1';
      const { rows } = await onOneClient((client) =>
        timedQuery<{ position: string }>(client, text, [viewName(view)], queryTimeoutMs),
      );
      return BigInt(rows[0]?.position ?? 0);
    },

    rows: async (view, keys) => {
      if (keys.length === 0) return [];
      const text = `select key, stream, revision, record::text as record from ${viewTable(view)} where key = any($1::text[])`;
      const { rows } = await onOneClient((client) => timedQuery<ViewRow>(client, text, [keys], queryTimeoutMs));
      return rows;
    },

    commit: async (changes, checkpoint) => {
      if (changes.length === 0) return 'ok';
      return onOneClient((client) => commitViews(client, changes, checkpoint));
    },

    openTurns: async ({ limit, dueBeforeMs, afterKey }) => {
      const values = [limit, dueBeforeMs === undefined ? null : Math.ceil(dueBeforeMs), afterKey ?? null];
      const { rows } = await onOneClient((client) => timedQuery<ViewRow>(client, OPEN_TURNS, values, queryTimeoutMs));
      return rows;
    },
  };
}
