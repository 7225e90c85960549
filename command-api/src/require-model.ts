import { sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { type RequestTurn, type ScenarioVersion, turnOf } from '@turnledger/shared/domain';
import { pinnedScenario } from '@turnledger/shared/runtime';
import type { CommandPorts } from './ports.ts';

/**
 * Refuses a model that the scenario does not offer, nor the version that the session was moved to since. A turn that is there already keeps its
 * answer, also when a later version of the scenario has taken its model away. Throws `model_not_in_scenario`.
 */
export async function requireModel(
  { ledger }: CommandPorts,
  sessionId: string,
  { turnId, overrides }: Pick<RequestTurn, 'turnId' | 'overrides'>,
  scenario: ScenarioVersion,
): Promise<void> {
  const wanted = overrides?.model;
  if (wanted === undefined || isOffered(wanted, scenario)) return;
  const now = await ledger.sessions.load(sessionStream(sessionId));
  if (turnOf(now, turnId)) return;
  if (now.status !== 'none' && isOffered(wanted, await pinnedScenario(ledger, now))) return;
  throw new TurnledgerError('model_not_in_scenario', {
    fields: [{ pointer: '/model', message: 'is not one of the scenario' }],
  });
}

const isOffered = (wanted: string, { models }: ScenarioVersion): boolean =>
  wanted === 'default' || models.some(({ name }) => name === wanted);
