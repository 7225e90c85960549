import { firstTimeMs, limits, TurnledgerError, usageDocument, usageSchema } from '@turnledger/shared/contracts';
import { noUsage } from '@turnledger/shared/domain';
import type { Clock } from '@turnledger/shared/ports';
import { defineRoute, json, type Route } from '@turnledger/shared/runtime';
import type { QueryPorts } from '../ports.ts';
import { sumUsage } from '../queries/sum-usage.ts';
import { DAY_MS, usageQuery } from '../query-schemas.ts';
import { gameScope } from '../session-scope.ts';
import { waitForPosition } from '../wait-for-position.ts';

const { maxUsageDays, defaultUsageDays, maxUsageGroups } = limits.views;

const dayOf = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 10);

/** The days that are asked about, both included; today is the last one unless another is named. Throws `request_invalid`. */
function daysOf({ from, to }: { from?: string | undefined; to?: string | undefined }, clock: Clock) {
  const toDay = to ?? dayOf(clock.nowMs());
  const fromDay = from ?? dayOf(Math.max(firstTimeMs, Date.parse(toDay) - (defaultUsageDays - 1) * DAY_MS));
  const days = (Date.parse(toDay) - Date.parse(fromDay)) / DAY_MS + 1;
  const refuse = (message: string) =>
    new TurnledgerError('request_invalid', { detail: message, fields: [{ pointer: '/from', message }] });
  if (days < 1) throw refuse('must not be after `to`');
  if (days > maxUsageDays) throw refuse(`must be less than ${maxUsageDays} days before \`to\``);
  return { fromDay, toDay };
}

/**
 * Turns, calls, tokens and money by UTC day, game, scenario or model, and the total of all. A token that is bound to a game is told of that
 * game alone.
 */
export const usageRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/usage',
    summary: 'Sum turns, calls, tokens and costs by day, game, scenario or model',
    access: ['game', 'operator'],
    replies: { 200: { description: 'Sums by group, and of all.', schema: usageSchema } },
    query: usageQuery,
    async handle({ query, caller }) {
      const { by, scenario_id: scenarioId } = query;
      const days = daysOf(query, ports.clock);
      await waitForPosition(ports, caller, query.min_position);
      const game = gameScope(caller, query.game_id);
      const { total, groups } = game
        ? await sumUsage(ports.views, { ...days, ...game, by, scenarioId, limit: maxUsageGroups })
        : { total: noUsage, groups: [] };
      return json(200, {
        from: days.fromDay,
        to: days.toDay,
        by,
        data: groups
          .slice(0, maxUsageGroups)
          .map(({ keys, counts }) => ({ ...keysShown(keys), ...usageDocument(counts) })),
        has_more: groups.length > maxUsageGroups,
        totals: usageDocument(total),
      });
    },
  });

/** No game, or no model as yet, is null to a reader. */
const keysShown = (keys: { readonly [name: string]: string }) =>
  Object.fromEntries(Object.entries(keys).map(([name, value]) => [name, value === '' ? null : value]));
