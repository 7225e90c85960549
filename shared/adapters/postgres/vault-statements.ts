import type { Pool, QueryResultRow } from 'pg';
import { limits } from '../../contracts/index.ts';
import { storeUnavailable, timedQuery } from './timed-query.ts';

export interface KeyRow {
  readonly key_id: string;
  /** Null: destroyed. */
  readonly wrapped: string | null;
}

export interface PlayerRow {
  readonly outside_hash: string;
  readonly player_id: string;
  readonly key_id: string;
}

/** A key to insert; `wrapped` as wrapKey gives it. */
export interface NewKey {
  readonly keyId: string;
  readonly wrapped: string;
}

export interface NewPlayer extends NewKey {
  readonly outsideHash: string;
  readonly playerId: string;
}

async function rowsOf<Row extends QueryResultRow>(pool: Pool, text: string, values: readonly unknown[]) {
  try {
    return (await timedQuery<Row>(pool, text, values, limits.vault.queryTimeoutMs)).rows;
  } catch (error) {
    throw storeUnavailable(error);
  }
}

export const selectKeys = (pool: Pool, keyIds: readonly string[]) =>
  rowsOf<KeyRow>(pool, 'select key_id, wrapped from turnledger_vault.data_key where key_id = any($1::uuid[])', [
    keyIds,
  ]);

export const selectPlayers = (pool: Pool, outsideHashes: readonly string[]) =>
  rowsOf<PlayerRow>(
    pool,
    'select outside_hash, player_id, key_id from turnledger_vault.player where outside_hash = any($1::text[])',
    [outsideHashes],
  );

// Both inserts go in the order of their keys: two processes that insert the same ones wait for each other and never in a circle.

// A key that is there stays, destroyed or not. A statement of its own is a transaction of its own: durable when it answers.
const INSERT_KEYS = `
  insert into turnledger_vault.data_key (key_id, wrapped)
  select key_id, wrapped from unnest($1::uuid[], $2::text[]) as made (key_id, wrapped) order by key_id
  on conflict (key_id) do nothing
  returning key_id`;

/** Answers the ids whose key is the one given; the others had theirs already. */
export const insertKeys = (pool: Pool, keys: readonly NewKey[]) =>
  rowsOf<Pick<KeyRow, 'key_id'>>(pool, INSERT_KEYS, [
    keys.map(({ keyId }) => keyId),
    keys.map(({ wrapped }) => wrapped),
  ]);

// Keys only for those who won their row, so that a lost race leaves no key of nobody. The foreign key is checked at the statement's end.
const INSERT_PLAYERS = `
  with wanted as (
    select * from unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[]) as wanted (outside_hash, player_id, key_id, wrapped)
  ), made as (
    insert into turnledger_vault.player (outside_hash, player_id, key_id)
    select outside_hash, player_id, key_id from wanted order by outside_hash
    on conflict (outside_hash) do nothing
    returning outside_hash, player_id, key_id
  ), keys as (
    insert into turnledger_vault.data_key (key_id, wrapped)
    select wanted.key_id, wanted.wrapped from wanted join made using (outside_hash)
  )
  select outside_hash, player_id, key_id from made`;

/** Answers the players that are new; the others were made by somebody else meanwhile. */
export const insertPlayers = (pool: Pool, players: readonly NewPlayer[]) =>
  rowsOf<PlayerRow>(pool, INSERT_PLAYERS, [
    players.map(({ outsideHash }) => outsideHash),
    players.map(({ playerId }) => playerId),
    players.map(({ keyId }) => keyId),
    players.map(({ wrapped }) => wrapped),
  ]);

/** Leaves a value sealed by this master key, unless one is there, and answers the one that is there. */
export async function masterKeyCheck(pool: Pool, wrapped: string): Promise<string | undefined> {
  await rowsOf(pool, 'insert into turnledger_vault.master_key_check (wrapped) values ($1) on conflict do nothing', [
    wrapped,
  ]);
  const rows = await rowsOf<{ wrapped: string }>(pool, 'select wrapped from turnledger_vault.master_key_check', []);
  return rows[0]?.wrapped;
}
