import { beforeEach, describe, expect, test } from '@jest/globals';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { summariseRerun } from '@turnledger/shared/domain';
import type { EventLog, KeyVault } from '@turnledger/shared/ports';
import { priceTable } from '@turnledger/shared/runtime';
import { Arrivals, FaultyEventLog, publishSample, requestSample, startSample } from '@turnledger/shared/testing';
import { runTurn } from '../run-turn.ts';
import { AnsweringModel } from './testing/answering-model.ts';
import { mortalLog } from './testing/mortal-log.ts';
import { asksOther, byPosition, neverAborts, RerunStage } from './testing/rerun-stage.ts';

/** A log that takes everything but what turns came to. */
class RefusingLog extends FaultyEventLog {
  readonly refused = new Arrivals<string>();
  readonly #answer: () => Promise<never>;

  constructor(inner: EventLog, answer = (): Promise<never> => Promise.reject(new TurnledgerError('event_invalid'))) {
    super(inner);
    this.#answer = answer;
  }

  override append(...[stream, expected, events]: Parameters<EventLog['append']>): ReturnType<EventLog['append']> {
    if (!events.some(({ type }) => type === 'RerunTurnCompared')) return super.append(stream, expected, events);
    this.refused.add(stream);
    return this.#answer();
  }
}

let stage: RerunStage;

beforeEach(() => {
  stage = new RerunStage();
});

const price = { inputPerMillionUsd: 1, cachedInputPerMillionUsd: 1, outputPerMillionUsd: 3 };
/** Of 40 tokens in and 7 out, as they are reported: 61 micro-dollars. */
const prices = new Map([['candidate', priceTable({ 'other-model': price })]]);

const erasedVault = (): KeyVault => ({ ...stage.vault, dataKey: async (keyId) => ({ outcome: 'erased', keyId }) });

describe('a re-run that something comes between', () => {
  test('goes on after a crash from what is recorded: no turn is compared twice, none is asked again that has ended', async () => {
    const sessionId = await stage.recorded();
    const rerunId = await stage.ask([sessionId], { overrides: asksOther, concurrency: 1 });
    const crash = new AbortController();
    stage.other.hold();
    const first = stage.run(rerunId, { deadline: crash.signal });
    await stage.other.asked.until(1);
    crash.abort();
    expect(await first).toMatchObject({ status: 'running', comparisons: [] });
    stage.other.release();
    const state = await stage.run(rerunId);
    expect(state.status).toBe('completed');
    expect(byPosition(state).map(({ position }) => position)).toEqual([1, 2, 3]);
    // The one that was cut short is asked again, under a claim that says so.
    expect(stage.other.asked.all).toHaveLength(4);
    expect(byPosition(state)[0]?.repeated.attempts).toBe(2);
  });

  test('goes on in the middle of a free run after a crash, with the answers it has, though no comparison was recorded', async () => {
    const sessionId = await stage.recorded();
    const rerunId = await stage.ask([sessionId], { overrides: asksOther, mode: 'free_running' });
    const { log: dying, die } = mortalLog(stage.log);
    const crash = new AbortController();
    void stage.run(rerunId, {
      on: stage.portsOver({ log: dying }),
      deadline: crash.signal,
    });
    await stage.other.asked.until(1);
    stage.other.hold();
    await stage.other.asked.until(2);
    die();
    crash.abort();
    stage.other.release();
    expect((await stage.stateOfRerun(rerunId)).comparisons).toEqual([]);
    const state = await stage.run(rerunId);
    expect(byPosition(state).map(({ repeated }) => repeated.attempts)).toEqual([1, 2, 1]);
    const [, cut, again, last] = stage.other.asked.all;
    expect(stage.other.asked.all).toHaveLength(4);
    expect(again).toEqual(cut);
    expect(JSON.stringify(last?.messages)).toContain('other-model hears: Let me pass.');
  });

  test.each(['unknown_written', 'unknown_unwritten', 'conflict'] as const)(
    'loses nothing and buys nothing twice where any one append is %s',
    async (fault) => {
      const sessionId = await stage.recorded();
      const count = { appends: 0 };
      for (let failing = 0; failing <= count.appends; failing += 1) {
        const faulty = new FaultyEventLog(stage.log);
        const on = stage.portsOver({ log: faulty });
        faulty.onNextAppends(...Array.from({ length: failing }, () => async () => {}), fault);
        const before = stage.other.asked.all.length;
        const rerunId = await stage.ask([sessionId], { overrides: asksOther, concurrency: 1, mode: 'free_running' });
        const state = await stage.run(rerunId, { on });
        count.appends = Math.max(count.appends, faulty.appends.length);
        expect(state.status).toBe('completed');
        expect(byPosition(state).map(({ position, outcome }) => `${position} ${outcome}`)).toEqual([
          '1 completed',
          '2 completed',
          '3 completed',
        ]);
        expect(stage.other.asked.all).toHaveLength(before + 3);
      }
    },
  );

  test('asks nobody further and fails once the log refuses its comparisons for good', async () => {
    await publishSample(stage.played);
    const sessionId = await startSample(stage.played);
    await stage.play(sessionId, 'One.', 'Two.', 'Three.', 'Four.', 'Five.');
    const log = new RefusingLog(stage.log);
    stage.other.hold();
    const rerunId = await stage.ask([sessionId], { overrides: asksOther, concurrency: 1 });
    const running = stage.run(rerunId, { on: stage.portsOver({ log }) });
    await stage.other.asked.until(1);
    stage.other.release();
    stage.other.hold();
    await Promise.all([log.refused.until(1), stage.other.asked.until(2)]);
    stage.other.release();
    expect(await running).toMatchObject({ status: 'failed', code: 'event_invalid' });
    expect(stage.other.asked.all).toHaveLength(2);
  });

  test('goes on past a turn that named a model which was not there when it was recorded either', async () => {
    const main = new AnsweringModel('main-model', ({ model }) =>
      model === 'misspelt' ? [{ kind: 'failed', code: 'model_not_found', providerStatus: 404 }] : 'Aye.',
    );
    stage = new RerunStage({ main });
    await publishSample(stage.played);
    const sessionId = await startSample(stage.played);
    const message = await requestSample(stage.played, sessionId, { overrides: { model: 'misspelt' } });
    await runTurn(stage.ports, { message, worker: ids.uuid(), signal: neverAborts() });
    await stage.play(sessionId, 'Let me pass.', 'Then fight me.');
    const state = await stage.run(await stage.ask([sessionId], { reuse: false, concurrency: 1 }));
    expect(state.status).toBe('completed');
    expect(byPosition(state).map(({ outcome }) => outcome)).toEqual(['failed', 'completed', 'completed']);
  });

  /** A re-run of one session whose process dies when all its turns have ended and none of them is compared. */
  async function diesBeforeComparing(sessionId: string): Promise<string> {
    const log = new RefusingLog(stage.log, () => new Promise(() => {}));
    const rerunId = await stage.ask([sessionId], { overrides: asksOther });
    const crash = new AbortController();
    void stage.run(rerunId, { on: { ...stage.portsOver({ log }), prices }, deadline: crash.signal });
    await log.refused.until(1);
    crash.abort();
    return rerunId;
  }

  test('says what it has spent, though it is cancelled after a crash that came before that was recorded', async () => {
    const sessionId = await stage.recorded();
    const rerunId = await diesBeforeComparing(sessionId);
    const asked = stage.other.asked.all.length;
    await stage.cancel(rerunId);
    const state = await stage.run(rerunId);
    expect(state.status).toBe('cancelled');
    expect(state.comparisons).toHaveLength(asked);
    expect(summariseRerun(state).spentMicroUsd).toBe(asked * 61);
    expect(stage.other.asked.all).toHaveLength(asked);
  });

  test('does not say of an erased player’s turn that had no valid move that its move is gone', async () => {
    await publishSample(stage.played, { moves: { mode: 'required', schema: { type: 'object', required: ['do'] } } });
    const sessionId = await startSample(stage.played);
    await stage.play(sessionId, 'Who goes there?');
    const state = await stage.run(await stage.ask([sessionId]), { on: stage.portsOver({ vault: erasedVault() }) });
    expect(state.comparisons).toMatchObject([{ code: 'player_erased', move: 'none', recorded: { move: 'invalid' } }]);
  });

  test('says what it has spent on a player who is erased after such a crash', async () => {
    await publishSample(stage.played);
    const sessionId = await startSample(stage.played);
    await stage.play(sessionId, 'Who goes there?');
    const rerunId = await diesBeforeComparing(sessionId);
    const state = await stage.run(rerunId, { on: stage.portsOver({ vault: erasedVault() }) });
    expect(state.comparisons).toMatchObject([
      { outcome: 'failed', code: 'player_erased', repeated: { attempts: 1, costMicroUsd: 61 } },
    ]);
  });

  test('says of an erased player’s turns that they could not be asked', async () => {
    await publishSample(stage.played);
    const player = ids.uuid();
    const sessionId = await startSample(stage.played, { player });
    await stage.play(sessionId, 'Who goes there?');
    const rerunId = await stage.ask([sessionId], { overrides: asksOther });
    const on = stage.portsOver({ vault: erasedVault() });
    const state = await stage.run(rerunId, { on });
    expect(state).toMatchObject({ status: 'completed', comparisons: [{ outcome: 'failed', code: 'player_erased' }] });
    expect(stage.other.asked.all).toHaveLength(0);
  });

  test('a player who is erased while a turn is under way fails that turn, and not the re-run', async () => {
    await publishSample(stage.played);
    const gone = await startSample(stage.played, { player: ids.uuid() });
    await stage.play(gone, 'Who goes there?');
    const stays = await startSample(stage.played);
    await stage.play(stays, 'Who goes there?');
    const { keyId } = await stage.stateOf(gone);
    let isErased = false;
    const erasing: KeyVault = {
      ...stage.vault,
      dataKey: async (asked) =>
        isErased && asked === keyId ? { outcome: 'erased', keyId } : stage.vault.dataKey(asked),
    };
    const on = { ...stage.portsOver({ vault: erasing }), prices };
    stage.other.hold();
    const rerunId = await stage.ask([gone, stays], { overrides: asksOther, concurrency: 1 });
    const running = stage.run(rerunId, { on });
    await stage.other.asked.until(1);
    isErased = true;
    stage.other.release();
    const state = await running;
    expect(state.status).toBe('completed');
    expect(state.comparisons.map(({ outcome, code }) => code ?? outcome)).toEqual(['player_erased', 'completed']);
    // It was asked, and the answer could not be recorded: its price is not known.
    expect(state.comparisons[0]?.repeated).toMatchObject({ attempts: 1 });
    expect(summariseRerun(state).unpricedTurns).toBe(1);
  });

  test('a player who is erased in a free run fails the turns of that session, those too that hold no words', async () => {
    await publishSample(stage.played);
    const sessionId = await startSample(stage.played, { player: ids.uuid() });
    await stage.play(sessionId, 'Who goes there?');
    const message = await requestSample(stage.played, sessionId, { trigger: { name: 'door_opens' } });
    await runTurn(stage.ports, { message, worker: ids.uuid(), signal: neverAborts() });
    let isErased = false;
    const dataKey: KeyVault['dataKey'] = (keyId) => (isErased ? erasedVault() : stage.vault).dataKey(keyId);
    stage.other.hold();
    const rerunId = await stage.ask([sessionId], { overrides: asksOther, mode: 'free_running' });
    const running = stage.run(rerunId, { on: { ...stage.portsOver({ vault: { ...stage.vault, dataKey } }), prices } });
    await stage.other.asked.until(1);
    isErased = true;
    stage.other.release();
    const state = await running;
    expect(state.status).toBe('completed');
    expect(state.comparisons.map(({ code }) => code)).toEqual(['player_erased', 'player_erased']);
  });
});
