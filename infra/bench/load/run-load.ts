import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentilesOf } from '../figures/percentiles.ts';
import { chatPlayer } from './chat-player.ts';
import { startConversation } from './conversation.ts';
import type { LoadFigures, LoadPlan } from './load-plan.ts';
import type { PlayedTurn, Player } from './player.ts';
import { sdkClient, sdkPlayer } from './sdk-player.ts';
import { turnledgerPlayer } from './turnledger-player.ts';

/** A round with more failures than this ends: it is void anyway. */
const MAX_FAILURES = 20;
const SHOWN_FAILURES = 3;

/** One player a client, all over one pool of kept connections, closed at the end of the round. */
function players(plan: LoadPlan, agent: Agent): readonly Player[] {
  const { target, mode, clients, turnsPerSession, windowTurns, readsBack = false } = plan;
  const conversation = () => startConversation(turnsPerSession, windowTurns);
  const client = target.kind === 'sdk' ? sdkClient(target.url) : undefined;
  return Array.from({ length: clients }, (_, index): Player => {
    if (target.kind === 'turnledger') {
      const { url, scenarioId } = target;
      const playerId = `bench-${index}`;
      return turnledgerPlayer({ agent, url, scenarioId, mode, turnsPerSession, playerId, readsBack });
    }
    if (client) return sdkPlayer({ client, mode, conversation: conversation() });
    const headers = target.kind === 'chat' ? target.headers : {};
    return chatPlayer({ agent, url: target.url, headers, mode, conversation: conversation() });
  });
}

/**
 * Runs one round: every client plays turn after turn, at the plan's rate where it has one, until time or count is up; turns under way are
 * waited for, and the rate is over the time to the last answer. A wrong answer counts as a failure, never as a turn.
 */
export async function runLoad(plan: LoadPlan): Promise<LoadFigures> {
  const agent = new Agent({ keepAlive: true, maxSockets: plan.clients });
  const played: PlayedTurn[] = [];
  const failures: string[] = [];
  const cpuBefore = process.cpuUsage();
  const startedAtMs = performance.now();
  const endsAtMs = startedAtMs + plan.seconds * 1_000;
  const tag = randomUUID().slice(0, 8);
  let begun = 0;

  const keepPlaying = async (player: Player) => {
    while (performance.now() < endsAtMs && begun < plan.maxTurns && failures.length <= MAX_FAILURES) {
      const placeMs = plan.turnsPerSecond === undefined ? 0 : startedAtMs + (begun / plan.turnsPerSecond) * 1_000;
      if (placeMs >= endsAtMs) return;
      begun += 1;
      const number = begun;
      // Who is late begins at once, so the rate is held over the round.
      if (placeMs > performance.now()) await sleep(placeMs - performance.now());
      try {
        played.push(await player.play(`Where were you at 22:40? (${tag}-${number})`));
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  await Promise.all(players(plan, agent).map(keepPlaying));
  const elapsedMs = performance.now() - startedAtMs;
  agent.destroy();
  const { user, system } = process.cpuUsage(cpuBefore);
  const toldTurns = played.flatMap(({ turnId, askedAtMs, answeredAtMs }) =>
    turnId === undefined || askedAtMs === undefined || answeredAtMs === undefined
      ? []
      : [{ turnId, askedAtMs, answeredAtMs }],
  );
  const ids = played.flatMap(({ turnId }) => (turnId === undefined ? [] : [turnId]));
  return {
    turns: played.length,
    distinctTurns: ids.length === 0 ? played.length : new Set(ids).size,
    turnsPerSecond: (played.length / elapsedMs) * 1_000,
    totalMs: percentilesOf(played.map(({ totalMs }) => totalMs)),
    firstDeltaMs: percentilesOf(played.map(({ firstDeltaMs }) => firstDeltaMs)),
    failures: failures.length,
    failureTexts: failures.slice(0, SHOWN_FAILURES),
    generatorLoad: (user + system) / 1_000 / elapsedMs,
    ...(plan.tellsTurns && { toldTurns }),
  };
}
