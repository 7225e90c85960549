import { sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { type RequestTurn, type ScenarioVersion, turnOf } from '@turnledger/shared/domain';
import type { CommandPorts } from './ports.ts';

/**
 * Refuses a model that the scenario does not offer. A turn that is there already keeps its answer, also when a later version of the
 * scenario has taken its model away. Throws `model_not_in_scenario`.
 */
export async function requireModel(
  ports: CommandPorts,
  sessionId: string,
  { turnId, overrides }: Pick<RequestTurn, 'turnId' | 'overrides'>,
  { models }: ScenarioVersion,
): Promise<void> {
  const wanted = overrides?.model;
  if (wanted === undefined || wanted === 'default' || models.some(({ name }) => name === wanted)) return;
  if (turnOf(await ports.ledger.sessions.load(sessionStream(sessionId)), turnId)) return;
  throw new TurnledgerError('model_not_in_scenario', {
    fields: [{ pointer: '/model', message: 'is not one of the scenario' }],
  });
}
