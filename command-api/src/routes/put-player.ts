import {
  outsideIdField,
  playerDocument,
  playerStream,
  positionToken,
  putPlayerBody,
  recordedPlayerSchema,
  TurnledgerError,
  toProfile,
} from '@turnledger/shared/contracts';
import { putPlayer } from '@turnledger/shared/domain';
import { defineRoute, json, playerOf, type Route, readPlayer, roles } from '@turnledger/shared/runtime';
import { keyedHash } from '@turnledger/shared/trust';
import { etagOf, readIfMatch, refusal } from '../if-match.ts';
import type { CommandPorts } from '../ports.ts';

/** Gives a player their whole profile and what they have agreed to, and makes them known at first sight. The same again answers the same. */
export const putPlayerRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'PUT',
    path: '/v1/players/:player_id',
    summary: "Register a player, or replace a player's whole profile and consent",
    access: roles,
    headers: ['If-Match'],
    replies: {
      200: { description: 'The player with this profile.', schema: recordedPlayerSchema },
      201: { description: 'A new player.', schema: recordedPlayerSchema },
    },
    body: putPlayerBody,
    async handle(request) {
      const { ledger, vault } = ports;
      const externalId = outsideIdIn(request.params.player_id);
      playerOf(request.caller, externalId);
      const expectedRevision = readIfMatch(request);
      // A guard cannot hold for a player whom nobody has seen, and must not make them known.
      if (expectedRevision !== undefined && !(await vault.findPlayer(externalId)))
        throw new TurnledgerError('player_revision_mismatch');
      const { playerId, keyId } = await vault.identifyPlayer(externalId);
      const dataKey = await vault.dataKey(keyId);
      if (dataKey.outcome === 'erased') throw new TurnledgerError('player_erased');
      const said = toProfile(request.body);
      const profile = { ...said, profileHmac: keyedHash(dataKey.key, 'profile', said) };
      const command = { externalId, keyId, profile, ...(expectedRevision !== undefined && { expectedRevision }) };
      const stream = playerStream(playerId);
      let isNew = false;
      const result = await ledger.players.transact(
        stream,
        (state) => {
          isNew = state.status === 'none';
          return putPlayer(command, state);
        },
        {
          context: {
            actor: request.caller.role === 'player' ? `player:${playerId}` : request.caller.role,
            correlationId: request.traceId,
          },
        },
      );
      if (result.outcome === 'refused') throw refusal(result.reason, result.state.revision);
      const player = await readPlayer({ players: ledger.players, vault }, playerId);
      if (!player) throw new TurnledgerError('invariant_broken', { detail: 'a player cannot be read' });
      const log_position = positionToken({ stream, revision: result.revision });
      return json(isNew ? 201 : 200, { ...playerDocument(player), log_position }, etagOf(player.revision));
    },
  });

function outsideIdIn(value: string | undefined): string {
  const parsed = outsideIdField.safeParse(value);
  if (parsed.success) return parsed.data;
  const message = 'must be 1 to 128 of A-Z a-z 0-9 . _ : @ -';
  throw new TurnledgerError('request_invalid', {
    detail: `the player's id ${message}`,
    fields: [{ pointer: '/player_id', message }],
  });
}
