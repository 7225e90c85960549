import { Agent } from 'node:http';
import { z } from 'zod';
import { pairRatios, percentile, spreadOf } from '../figures/percentiles.ts';
import { chatPlayer } from '../load/chat-player.ts';
import { startConversation } from '../load/conversation.ts';
import type { Player } from '../load/player.ts';
import { turnledgerPlayer } from '../load/turnledger-player.ts';
import { type BenchStage, openStage } from '../processes/bench-stage.ts';
import type { BenchReport, Progress } from '../report/bench-report.ts';
import { figure, spread } from '../report/markdown-table.ts';
import { conversationOptions, listOption, numberOption } from './bench-options.ts';

export const flatOptions = z.strictObject({
  /** `max_turns` is at most 900, and each sample is a further turn. */
  turns: listOption(2, 850, [10, 100, 500, 800]),
  sessions: numberOption(1, 50, 7),
  samples: numberOption(1, 50, 15),
  'window-turns': conversationOptions['window-turns'],
});
type FlatOptions = z.infer<typeof flatOptions>;

const MAX_TURNS = 900;

/** A session that has reached its length, and what its further turns took. */
interface AgedSession {
  readonly turn: number;
  readonly player: Player;
  readonly totalMs: number[];
}

/**
 * What a turn costs at the 10th, 100th, 500th and 800th place of a session. All sessions are first brought to their length; then one turn
 * of each is played in turn, so that short and long ones are measured side by side in a process that is equally warm for both. The cost
 * is what a client waits, less the median of the model's own answer to a prompt of the same window, asked in between.
 */
export async function runFlatBench(options: FlatOptions, progress: Progress): Promise<BenchReport> {
  const stage = await openStage({ hasPortkey: false, windowTurns: options['window-turns'] });
  const agent = new Agent({ keepAlive: true });
  try {
    const sessions = agedSessions(stage, agent, options);
    await Promise.all(
      sessions.map(async ({ turn, player }) => {
        for (let played = 1; played < turn; played += 1) await player.play(`Again: where were you? (${played})`);
      }),
    );
    progress(`${sessions.length} sessions have reached turn ${options.turns.join(', ')}`);
    const model = chatPlayer({
      agent,
      url: modelUrl(stage),
      headers: { authorization: 'Bearer sk-of-a-benchmark' },
      mode: 'json',
      conversation: startConversation(MAX_TURNS, options['window-turns']),
    });
    for (let played = 0; played < options['window-turns']; played += 1)
      await model.play(`Again: where were you? (${played})`);
    const modelMs: number[] = [];
    for (let sample = 0; sample < options.samples; sample += 1) {
      for (const { player, totalMs } of sessions) {
        totalMs.push((await player.play(`And then? (${sample})`)).totalMs);
        modelMs.push((await model.play(`And then? (${sample})`)).totalMs);
      }
    }
    return report(sessions, percentile(modelMs, 0.5), options);
  } finally {
    agent.destroy();
    await stage.close();
  }
}

const modelUrl = ({ targets }: BenchStage) => targets.model.url;

/** In the order they are measured: one of each length, then the next of each. */
function agedSessions(
  { service, targets }: BenchStage,
  agent: Agent,
  { turns, sessions }: FlatOptions,
): readonly AgedSession[] {
  const scenarioId = targets.turnledger.kind === 'turnledger' ? targets.turnledger.scenarioId : '';
  const options = { agent, url: service.url, scenarioId, mode: 'json', turnsPerSession: MAX_TURNS } as const;
  return Array.from({ length: sessions }, (_, index) =>
    turns.map((turn) => ({
      turn,
      player: turnledgerPlayer({ ...options, playerId: `bench-${turn}-${index}` }),
      totalMs: [],
    })),
  ).flat();
}

function report(sessions: readonly AgedSession[], modelMs: number, options: FlatOptions): BenchReport {
  const costsAt = (turn: number) =>
    sessions.filter((session) => session.turn === turn).map(({ totalMs }) => percentile(totalMs, 0.5) - modelMs);
  const [first = 0] = options.turns;
  const levels = options.turns.map((turn) => ({
    turn,
    costsMs: costsAt(turn),
    ratio: pairRatios(costsAt(turn), costsAt(first)),
  }));
  return {
    notes: [
      `${options.sessions} sessions of each length, ${options.samples} turns of each, one at a time, lengths in turn; ${options['window-turns']} turns of history in a prompt`,
      `the model's own answer: p50 ${figure(modelMs)} ms`,
    ],
    tables: [
      {
        title: "Cost of a turn without the model's own time, milliseconds; median (least–greatest) over the sessions",
        columns: ['turn', 'cost', `times turn ${first}`],
        rows: levels.map(({ turn, costsMs, ratio }) => [String(turn), spread(spreadOf(costsMs)), spread(ratio)]),
      },
    ],
    figures: { modelMs, levels },
    faults: [],
  };
}
