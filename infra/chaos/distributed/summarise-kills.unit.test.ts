import { expect, test } from '@jest/globals';
import type { LoggedEvent } from '@turnledger/shared/testing/history-checker';
import { type KillPoint, killPoints, type Place } from './kill-points.ts';
import type { CountedProcessKill } from './kill-processes.ts';
import type { ProcessDeath } from './process-under-chaos.ts';
import { overpaid, summariseKills } from './summarise-kills.ts';

const pointOf = (name: string): KillPoint => {
  const point = killPoints.find((one) => one.name === name);
  if (!point) throw new TypeError(`there is no ${name}`);
  return point;
};

const killAt = (name: string, place: Place, atMs: number, turnId?: string): CountedProcessKill => ({
  point: pointOf(name),
  place,
  passing: 1,
  second: undefined,
  atMs,
  turnId,
  openTurns: 4,
  endedAfterMs: 1_000,
  readyAfterMs: 500,
});
const workerDied = (atMs: number): ProcessDeath => ({
  process: 'inference-worker',
  atMs,
  place: undefined,
  turnId: undefined,
  unexpected: undefined,
});
const lost = (turnId: string, atMs: number) => ({ turnId, attempt: 1, atMs });

test('a lost call is put down to the first death of a worker after it, and told apart by whose turn it was', () => {
  const killed = {
    kills: [killAt('K10', 'before_ending_append', 1_000, 'one'), killAt('K8', 'after_claim', 2_000, 'four')],
    deaths: [workerDied(1_000), workerDied(2_000)],
    lost: [lost('one', 900), lost('two', 950), lost('three', 1_900)],
    log: [],
  };
  expect(summariseKills([pointOf('K10'), pointOf('K8')], killed)).toMatchObject([
    { point: 'K10', kills: 1, extraCallsOfVictim: 1, mostExtraCallsOfVictim: 1, extraCallsOfOthers: 1 },
    { point: 'K8', kills: 1, extraCallsOfVictim: 0, extraCallsOfOthers: 1, mostExtraCallsOfOthers: 1 },
  ]);
});

test('at K9, where no port names the turn, each turn of the worker is the one', () => {
  const killed = {
    kills: [killAt('K9', 'mid_stream', 1_000)],
    deaths: [workerDied(1_000)],
    lost: [lost('one', 900), lost('two', 950)],
    log: [],
  };
  expect(summariseKills([pointOf('K9')], killed)).toMatchObject([
    { extraCallsOfVictim: 2, mostExtraCallsOfVictim: 1, extraCallsOfOthers: 0 },
  ]);
});

test('says of how many appends under way the log had taken them', () => {
  const logged = (turnId: string, loggedAtMs: number) =>
    ({ type: 'TurnRequested', loggedAtMs, opened: { type: 'TurnRequested', data: { turnId } } }) as LoggedEvent;
  const killed = {
    kills: [
      killAt('K2', 'during_request_append', 1_000, 'was there'),
      killAt('K2', 'during_request_append', 3_000, 'came with the retry'),
    ],
    deaths: [],
    lost: [],
    log: [logged('was there', 990), logged('came with the retry', 4_500)],
  };
  expect(summariseKills([pointOf('K2')], killed)).toMatchObject([{ kills: 2, tookEffect: 1 }]);
});

test('a turn that paid more than its point allows is an accusation', () => {
  const rows = (name: string, ofOne: number) =>
    summariseKills([pointOf(name)], {
      kills: [killAt(name, 'after_claim', 1_000, 'one')],
      deaths: [workerDied(1_000)],
      lost: Array.from({ length: ofOne }, () => lost('one', 900)),
      log: [],
    });
  expect(overpaid(killPoints, rows('K11', 1))).toEqual([]);
  expect(overpaid(killPoints, rows('K11', 2))).toMatchObject([{ invariant: 'R6' }]);
  expect(overpaid(killPoints, rows('K8', 1))).toMatchObject([{ invariant: 'R6' }]);
});
