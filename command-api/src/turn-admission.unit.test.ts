import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryRateCounter,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { openLedger } from '@turnledger/shared/runtime';
import {
  answerSample,
  ManualClock,
  type PlayedPorts,
  publishSample,
  requestSample,
  startSample,
} from '@turnledger/shared/testing';
import { type EnteringTurn, TurnAdmission } from './turn-admission.ts';

const { maxOpenTurns, maxOpenTurnsPerPlayer, sweepMs } = limits.admission;

let clock: ManualClock;
let played: PlayedPorts;

beforeEach(async () => {
  clock = new ManualClock();
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  played = { ledger: openLedger({ log, vault, clock, ids }), vault, log, ids };
  await publishSample(played);
});

const admission = (perMinute = 0) =>
  new TurnAdmission({ ledger: played.ledger, clock, turnRate: new MemoryRateCounter({ perMinute, clock }) });

const turn = (changes: Partial<EnteringTurn> = {}): EnteringTurn => ({
  turnId: ids.uuid(),
  sessionId: ids.uuid(),
  playerId: 'ana',
  deadlineMs: 30_000,
  ...changes,
});

/** Fills a player's places; answers the turns that have them. */
async function fill(gate: TurnAdmission, playerId = 'ana'): Promise<readonly EnteringTurn[]> {
  const turns = Array.from({ length: maxOpenTurnsPerPlayer }, () => turn({ playerId }));
  for (const one of turns) await gate.enter(one);
  return turns;
}

const refused = (code: string, retryAfter: string) =>
  expect.objectContaining({ code, extras: { headers: { 'retry-after': retryAfter } } });

describe('TurnAdmission', () => {
  test('lets a player have so many open turns, and others theirs', async () => {
    const gate = admission();
    await fill(gate);
    await expect(gate.enter(turn())).rejects.toEqual(refused('too_many_open_turns', '1'));
    expect(await gate.enter(turn({ playerId: 'bob' }))).toBe('admitted');
    expect(await gate.enter(turn({ playerId: undefined }))).toBe('admitted');
  });

  test('makes room when a turn has left', async () => {
    const gate = admission();
    const [first] = await fill(gate);
    gate.leave(first?.turnId ?? '');
    gate.leave(first?.turnId ?? '');
    expect(await gate.enter(turn())).toBe('admitted');
    await expect(gate.enter(turn())).rejects.toEqual(refused('too_many_open_turns', '1'));
  });

  test('lets so many in, whoever they are from', async () => {
    const gate = admission();
    for (let index = 0; index < maxOpenTurns; index += 1) await gate.enter(turn({ playerId: undefined }));
    await expect(gate.enter(turn({ playerId: undefined }))).rejects.toEqual(refused('too_many_open_turns', '1'));
  });

  test('an open turn whose session cannot be read keeps its place until its deadline, and nobody else from theirs', async () => {
    const gate = admission();
    const [poisoned, answered] = await fill(gate);
    const { sessions } = played.ledger;
    const load = sessions.load.bind(sessions);
    sessions.load = async (stream, maxAgeMs) => {
      if (stream === sessionStream(poisoned?.sessionId ?? '')) throw new TurnledgerError('event_unknown');
      return load(stream, maxAgeMs);
    };
    await expect(gate.enter(turn())).rejects.toEqual(refused('too_many_open_turns', '1'));
    gate.leave(answered?.turnId ?? '');
    expect(await gate.enter(turn({ deadlineMs: 90_000 }))).toBe('admitted');
    await clock.advanceBy(40_000);
    expect(await gate.enter(turn())).toBe('admitted');
  });

  test('counts a turn that comes again once', async () => {
    const gate = admission();
    const [first = turn()] = await fill(gate);
    expect(await gate.enter(first)).toBe('known');
    gate.leave(first.turnId);
    expect(await gate.enter(turn())).toBe('admitted');
  });

  test('counts one that comes twice at the same time once', async () => {
    const gate = admission();
    await fill(gate);
    await clock.advanceBy(40_000);
    const same = turn();
    expect((await Promise.all([gate.enter(same), gate.enter(same)])).sort()).toEqual(['admitted', 'known']);
  });

  test('answers a turn that its session holds, however full it is', async () => {
    const gate = admission();
    await fill(gate);
    const { sessionId, turnId } = await requestSample(played, await startSample(played));
    expect(await gate.enter(turn({ sessionId, turnId }))).toBe('known');
  });

  test('finds out which turns have ended that nobody waited for', async () => {
    const gate = admission();
    const messages = [];
    for (let index = 0; index < maxOpenTurnsPerPlayer; index += 1) {
      const message = await requestSample(played, await startSample(played));
      await gate.enter(turn(message));
      messages.push(message);
    }
    await expect(gate.enter(turn())).rejects.toEqual(refused('too_many_open_turns', '1'));
    const [ended] = messages;
    if (ended) await answerSample(played, ended);
    await clock.advanceBy(sweepMs);
    expect(await gate.enter(turn())).toBe('admitted');
    await expect(gate.enter(turn())).rejects.toEqual(refused('too_many_open_turns', '1'));
  });

  test('finds out at once which of a player’s own turns have ended', async () => {
    const gate = admission();
    const messages = [];
    for (let index = 0; index < maxOpenTurnsPerPlayer; index += 1) {
      const message = await requestSample(played, await startSample(played));
      await gate.enter(turn(message));
      messages.push(message);
    }
    for (const ended of messages) {
      await expect(gate.enter(turn())).rejects.toEqual(refused('too_many_open_turns', '1'));
      await answerSample(played, ended);
      expect(await gate.enter(turn())).toBe('admitted');
    }
  });

  test('finds out which turns have ended elsewhere, in processes that share nothing with this one but the log', async () => {
    const turnRate = new MemoryRateCounter({ perMinute: 0, clock });
    const { ledger, log, vault } = played;
    const gate = new TurnAdmission({ ledger, clock, turnRate, endingsMaxAgeMs: sweepMs });
    const elsewhere = { ...played, ledger: openLedger({ log, vault, clock, ids }) };
    const messages = [];
    for (let index = 0; index < maxOpenTurnsPerPlayer; index += 1) {
      const message = await requestSample(played, await startSample(played));
      await gate.enter(turn(message));
      messages.push(message);
    }
    for (const ended of messages) await answerSample(elsewhere, ended);
    await clock.advanceBy(sweepMs);
    expect(await gate.enter(turn())).toBe('admitted');
  });

  test('forgets a turn with its deadline, whatever became of it', async () => {
    const gate = admission();
    await fill(gate);
    await clock.advanceBy(30_000 + limits.http.waitGraceMs);
    expect(await gate.enter(turn())).toBe('admitted');
  });

  test('is no faster than the rate, and says how long to wait', async () => {
    const gate = admission(2);
    for (let index = 0; index < 2; index += 1) await gate.enter(turn());
    await clock.advanceBy(5_000);
    await expect(gate.enter(turn())).rejects.toEqual(refused('too_many_turns', '25'));
    expect(await gate.enter(turn({ playerId: 'bob' }))).toBe('admitted');
    expect(await gate.enter(turn({ playerId: undefined }))).toBe('admitted');
    await clock.advanceBy(25_000);
    expect(await gate.enter(turn())).toBe('admitted');
  });

  test('a turn that comes twice while its rate is asked for is let in, or refused, as one', async () => {
    const answers: ((waitMs: number) => void)[] = [];
    const take = () => new Promise<number>((resolve) => answers.push(resolve));
    const gate = new TurnAdmission({ ledger: played.ledger, clock, turnRate: { take, giveBack: async () => {} } });
    const [admitted, refusedTurn] = [turn(), turn()];
    const first = [gate.enter(admitted), gate.enter(admitted)];
    const second = [gate.enter(refusedTurn), gate.enter(refusedTurn)];
    while (answers.length < 2) await Promise.resolve();
    for (const [index, answer] of answers.entries()) answer(index === 0 ? 0 : 1_000);
    expect(await Promise.all(first)).toEqual(['admitted', 'known']);
    for (const one of second) await expect(one).rejects.toEqual(refused('too_many_turns', '1'));
    expect(answers).toHaveLength(2);
  });

  test('gives back what a withdrawn turn took: its place and its share of the rate', async () => {
    const gate = admission(1);
    const one = turn();
    await gate.enter(one);
    gate.withdraw(one.turnId);
    expect(await gate.enter(turn())).toBe('admitted');
    await expect(gate.enter(turn())).rejects.toEqual(refused('too_many_turns', '60'));
  });
});
