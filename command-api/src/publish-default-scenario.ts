import { defaultScenarioConfig, scenarioStream } from '@turnledger/shared/contracts';
import { accepted, configureScenario, unchanged } from '@turnledger/shared/domain';
import type { Ledger } from '@turnledger/shared/runtime';
import { contentHash } from '@turnledger/shared/trust';

/** Publishes the scenario `default` at the first start, so that a request that names none is answered; later starts leave it as it is. */
export async function publishDefaultScenario({ scenarios }: Ledger, correlationId: string): Promise<void> {
  await scenarios.transact(
    scenarioStream('default'),
    (state) => {
      if (state.promotedVersion > 0) return unchanged;
      const decision = configureScenario(
        { config: defaultScenarioConfig, configHash: contentHash(defaultScenarioConfig), publish: true },
        state,
      );
      return decision.outcome === 'accepted' ? accepted(...decision.events) : unchanged;
    },
    { context: { actor: 'system:turnledger', correlationId } },
  );
}
