import { chaosScenarios, openSession } from '../../chaos/chaos-client.ts';
import { SessionUnderFire } from '../../chaos/session-under-fire.ts';
import type { JudgedSystem } from './judged-system.ts';

export interface PlayedSessions {
  /** Of their players; no two plays of one system may share it. */
  readonly tag: string;
  readonly sessions: number;
  readonly turns: number;
  /** Sessions that are played at the same time. */
  readonly atOnce: number;
  readonly onTurn?: (played: number) => void;
}

/** Plays whole sessions, each turn asked with the same key until it has ended, each session read back at its own position. */
export async function playSessions(
  { recorder, clients }: JudgedSystem,
  { tag, sessions, turns, atOnce, onTurn = () => {} }: PlayedSessions,
): Promise<void> {
  const [{ scenarioId }] = chaosScenarios;
  const left = Array.from({ length: sessions }, (_, index) => `${tag}-${index + 1}`);
  let played = 0;
  const keepPlaying = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const sessionId = await openSession({ name, recorder }, clients.once, { scenarioId, key: name });
      const session = new SessionUnderFire({ name, recorder, sessionId, ...clients });
      for (let turn = 1; turn <= turns; turn += 1) {
        const key = `${name}-turn-${turn}`;
        await session.finish({ key, input: `${key}: what was in the ledger?` });
        played += 1;
        onTurn(played);
      }
      await session.read();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, keepPlaying));
}
