import { recordedRerunSchema, rerunStream, TurnledgerError } from '@turnledger/shared/contracts';
import { cancelRerun } from '@turnledger/shared/domain';
import { defineRoute, idParam, json, type Route, requireUnbound } from '@turnledger/shared/runtime';
import { recordedRerun } from '../keyed-rerun.ts';
import type { CommandPorts } from '../ports.ts';

/** Stops a re-run: no further turn is asked, and those under way end first. Asked again, or of one that is over, it answers what is there. */
export const cancelRerunRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/reruns/:rerun_id/cancel',
    summary: 'Cancel a re-run: no further turn is asked',
    access: ['game', 'operator'],
    replies: { 200: { description: 'The re-run; one that was over stays as it is.', schema: recordedRerunSchema } },
    async handle(request) {
      const { caller, traceId } = request;
      const rerunId = idParam(request, 'rerun_id', 'rerun_not_found');
      const stream = rerunStream(rerunId);
      const { reruns } = ports.ledger;
      const { request: asked } = await reruns.load(stream, Number.POSITIVE_INFINITY);
      const isForeign = caller.gameId !== undefined && caller.gameId !== asked?.gameId;
      if (!asked || isForeign) throw new TurnledgerError('rerun_not_found');
      // A version of a scenario waits for it, and scenarios belong to no game.
      if (asked.gateVersion !== undefined) requireUnbound(caller);
      const result = await reruns.transact(stream, (state) => cancelRerun({ by: caller.role }, state), {
        context: { actor: caller.role, correlationId: traceId },
      });
      if (result.outcome === 'refused') throw new TurnledgerError(result.reason);
      return json(200, await recordedRerun(ports, rerunId, result.revision));
    },
  });
