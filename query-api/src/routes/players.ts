import { playerDocument, playerSchema, playerStream, TurnledgerError } from '@turnledger/shared/contracts';
import type { PlayerRecord } from '@turnledger/shared/domain';
import { defineRoute, openRecord, type Route, roles } from '@turnledger/shared/runtime';
import type { QueryPorts } from '../ports.ts';
import { findPlayerRow } from '../queries/find-player.ts';
import { positionQuery } from '../query-schemas.ts';
import { unlessKnown } from '../unless-known.ts';
import { waitForPosition } from '../wait-for-position.ts';

/** One player, by the id that their game knows them by. For a player's token there is nobody else. */
export const playerRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/players/:player_id',
    summary: "Show a player's profile and consent",
    access: roles,
    headers: ['If-None-Match'],
    replies: { 200: { description: 'The player.', schema: playerSchema } },
    query: positionQuery,
    async handle(request) {
      const { caller, params } = request;
      const { views, vault } = ports;
      const outsideId = params.player_id ?? '';
      if (caller.role === 'player' && caller.subject !== outsideId) throw new TurnledgerError('player_not_found');
      await waitForPosition(ports, caller, request.query.min_position);
      const identity = await vault.findPlayer(outsideId);
      if (!identity) throw new TurnledgerError('player_not_found');
      const { outcome } = await vault.dataKey(identity.keyId);
      if (outcome === 'erased') throw new TurnledgerError('player_erased');
      const player = await findPlayerRow(views, identity.playerId);
      if (!player) throw new TurnledgerError('player_not_found');
      return unlessKnown(request, player.revision, async () =>
        playerDocument(await openRecord<PlayerRecord<'opened'>>(player, playerStream(player.playerId), vault)),
      );
    },
  });
