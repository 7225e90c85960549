import { createTurnledgerClient } from '@turnledger/shared/client';
import { SCENARIO_ID } from '../processes/bench-scenario.ts';
import { requireReply } from './player.ts';

/** Sessions that were played to be asked again; their game tells them from all others. */
export interface RecordedGroup {
  readonly gameId: string;
  readonly sessions: number;
  readonly turns: number;
}

/** What is said in a turn; no two turns of a benchmark say the same. */
const saying = (gameId: string, session: number, turn: number): string =>
  `Where were you at 22:40? (${gameId}, session ${session}, turn ${turn})`;

/** The session that something was said in. */
export const sessionSaidIn = (said: string): string => said.replace(/, turn \d+\)$/, '');

/** Plays sessions of so many turns each, all at once. Rejects with the first problem, and for a wrong answer. */
export async function recordSessions(
  url: string,
  { gameId, sessions, turnsEach }: { readonly gameId: string; readonly sessions: number; readonly turnsEach: number },
): Promise<RecordedGroup> {
  const client = createTurnledgerClient({ baseUrl: url });
  const play = async (session: number) => {
    const started = await client.startSession({ scenarioId: SCENARIO_ID, gameId, playerId: `${gameId}-${session}` });
    for (let turn = 1; turn <= turnsEach; turn += 1) {
      const prompt = saying(gameId, session, turn);
      requireReply((await started.say(prompt)).response, prompt);
    }
  };
  await Promise.all(Array.from({ length: sessions }, (_, session) => play(session + 1)));
  return { gameId, sessions, turns: sessions * turnsEach };
}
