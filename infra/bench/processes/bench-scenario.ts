import { createTurnledgerClient } from '@turnledger/shared/client';
import { persona } from '../load/conversation.ts';

export const SCENARIO_ID = 'bench.marta';
/** The most that a scenario may allow. */
const MAX_TURNS = 900;

/** Publishes the scenario that every load plays, at a service or an edge. Rejects with the problem it answers. */
export const publishScenario = (url: string, windowTurns: number) =>
  createTurnledgerClient({ baseUrl: url }).configureModel({
    scenarioId: SCENARIO_ID,
    persona,
    turns: { maxTurns: MAX_TURNS },
    history: { windowTurns },
  });
