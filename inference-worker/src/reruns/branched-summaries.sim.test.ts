import { expect, test } from '@jest/globals';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import type { ModelEvent } from '@turnledger/shared/ports';
import { publishSample, requestSample, startSample } from '@turnledger/shared/testing';
import { runTurn } from '../run-turn.ts';
import { summariseHistory } from '../summarise-history.ts';
import { AnsweringModel } from './testing/answering-model.ts';
import { drawsOf, forkAt, rewindTo } from './testing/branches.ts';
import { neverAborts, RerunStage } from './testing/rerun-stage.ts';

/** Each step is a turn, with the summary that may be due behind it, a rewind, or a fork that takes its session's place. */
const STEPS = 1_600;
const SESSIONS = 8;
/** Of each session, so many histories are asked again: the one that it came to, then those that were cut. */
const ROUNDS = 3;

/** A session by the turns that it had, each with those before it, and what is left of them. */
interface Played {
  readonly sessionId: string;
  history: readonly string[];
  branches: readonly (readonly string[])[];
}

test(`${STEPS} turns, rewinds, forks and summaries at random: each turn asked again is told what it was told`, async () => {
  const draw = drawsOf(20_261_129);
  let answers = 0;
  const filtered: readonly ModelEvent[] = [{ kind: 'failed', code: 'model_content_filtered' }];
  const answer = () => {
    answers += 1;
    return draw(12) === 0 ? filtered : `Answer ${answers}.`;
  };
  const main = new AnsweringModel('main-model', answer);
  const stage = new RerunStage({ main });
  const { ports, played } = stage;
  const summary = { mode: 'rolling', maxTokens: 100 } as const;
  await publishSample(played, {
    history: { windowTurns: 2, inputTokenBudget: 90, summary },
  });
  const open = async (): Promise<Played> => ({ sessionId: await startSample(played), history: [], branches: [] });
  const sessions = await Promise.all(Array.from({ length: SESSIONS }, open));
  /** The last turns of the histories that a session has had, also of those that were cut. */
  const ends = new Map<string, string[]>();

  const play = async (session: Played, step: number): Promise<void> => {
    const { sessionId } = session;
    const message = await requestSample(played, sessionId, { text: `Question ${step}?` });
    await runTurn(ports, { message, worker: ids.uuid(), signal: neverAborts() });
    const others = (ends.get(sessionId) ?? []).filter((turnId) => turnId !== session.history.at(-1));
    ends.set(sessionId, [...others, message.turnId]);
    session.history = [...session.history, message.turnId];
    session.branches = [...session.branches, session.history];
    // Not behind each: a summary may be late.
    if (draw(4) === 0) return;
    await summariseHistory(ports, { sessionId, correlationId: 'test', worker: ids.uuid(), signal: neverAborts() });
  };

  const fork = async ({ sessionId, branches }: Played): Promise<Played> => {
    const history = branches[draw(branches.length)] ?? [];
    const turnId = history.at(-1);
    const forked = turnId !== undefined && (await forkAt(ports, sessionId, turnId));
    if (!forked) return open();
    const own = history.map((_turn, index) => history.slice(0, index + 1));
    return { sessionId: forked.forkId, history, branches: own };
  };

  for (let step = 0; step < STEPS; step += 1) {
    const place = draw(SESSIONS);
    const session = sessions[place];
    if (!session) continue;
    const drawn = draw(16);
    if (drawn === 0) sessions[place] = await fork(session);
    else if (drawn <= 3) {
      session.history = session.history.slice(0, draw(session.history.length + 1));
      await rewindTo(ports, session.sessionId, session.history.at(-1));
    } else await play(session, step);
    if (session.history.length > 24) sessions[place] = await open();
  }

  const askedBefore = main.asked.all.length;
  const outcomes = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const histories = [...ends].flatMap(([sessionId, turnIds]) => {
      const throughTurnId = turnIds.at(-1 - round);
      return throughTurnId === undefined ? [] : [{ sessionId, throughTurnId }];
    });
    const { comparisons } = await stage.run(await stage.askThrough(histories));
    for (const { outcome, recorded } of comparisons) {
      const name = recorded.status === 'completed' ? outcome : recorded.status;
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
    }
  }
  expect([...outcomes.keys()].sort()).toEqual(['failed', 'reused']);
  expect(outcomes.get('reused')).toBeGreaterThan(STEPS / 2);
  expect(main.asked.all.length - askedBefore).toBe(outcomes.get('failed'));
}, 60_000);
