import { askJson } from './ask.ts';
import type { Connection } from './connection.ts';
import type { Json, Player } from './documents.ts';
import { type ReadOptions, withQuery } from './pages.ts';
import { toPlayer } from './read-documents.ts';
import { snakeCased } from './wire-names.ts';

/** What a game tells of a player; the whole of it, each time: what is absent is gone, and consent that is absent is refused. */
export interface PlayerProfile {
  readonly displayName?: string;
  /** A language tag, as `pt-PT`. */
  readonly locale?: string;
  readonly traits?: { readonly [name: string]: Json };
  readonly consent?: { readonly training?: boolean; readonly analytics?: boolean };
}

export interface PutPlayerOptions {
  /** The entity tag of the profile that was edited; another one by now is refused. */
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

const playerPath = (playerId: string) => `/v1/players/${encodeURIComponent(playerId)}`;

/** Registers a player at first sight, and replaces the profile. Sent again it changes nothing, so no key is needed. */
export async function putPlayer(
  connection: Connection,
  playerId: string,
  profile: PlayerProfile,
  { ifMatch, signal }: PutPlayerOptions,
): Promise<Player> {
  const body = snakeCased(profile) as object;
  return askJson(connection, { method: 'PUT', path: playerPath(playerId), body, ifMatch, signal }, toPlayer);
}

export const readPlayer = (
  connection: Connection,
  playerId: string,
  { minPosition, signal }: ReadOptions,
): Promise<Player> =>
  askJson(connection, { method: 'GET', path: withQuery(playerPath(playerId), { minPosition }), signal }, toPlayer);
