import { type ErrorCode, scenarioIdPattern, TurnledgerError } from '../../contracts/index.ts';
import type { RouteRequest } from './route.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** An id in a path. What is no UUID names nothing, so it is answered like an id that is not there. */
export function idParam(
  request: Pick<RouteRequest<unknown, unknown>, 'params'>,
  name: string,
  missing: ErrorCode,
): string {
  const value = request.params[name]?.toLowerCase() ?? '';
  if (!UUID.test(value)) throw new TurnledgerError(missing);
  return value;
}

/** A scenario's id in a path. What cannot be one names nothing. Throws `scenario_not_found`. */
export function scenarioIdParam({ params }: Pick<RouteRequest<unknown, unknown>, 'params'>): string {
  const scenarioId = params.scenario_id ?? '';
  if (!scenarioIdPattern.test(scenarioId)) throw new TurnledgerError('scenario_not_found');
  return scenarioId;
}
