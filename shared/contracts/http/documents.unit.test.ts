import { describe, expect, it } from '@jest/globals';
import { noUsage, type SessionRecord, type TurnRecord } from '../../domain/index.ts';
import { defaultScenarioConfig } from './merge-configuration.ts';
import { scenarioDocument } from './scenario-document.ts';
import { scenarioStatsDocument } from './scenario-stats-document.ts';
import { sessionDocument } from './session-document.ts';
import { turnDocument } from './turn-document.ts';

const requested: TurnRecord<'opened'> = {
  turnId: 'turn-1',
  sessionId: 'session-1',
  position: 1,
  status: 'requested',
  scenarioId: 'tavern',
  scenarioVersion: 2,
  speaker: { kind: 'game' },
  prompt: 'Who goes there?',
  promptTokens: 4,
  attempts: 0,
  deadlineMs: 30_000,
  requestedAt: '2026-01-01T00:00:00.000Z',
  requestedRevision: 1,
  revision: 1,
};

const session: SessionRecord<'opened'> = {
  sessionId: 'session-1',
  scenarioId: 'tavern',
  scenarioVersion: 2,
  participants: [
    { kind: 'player', playerId: 'p1' },
    { kind: 'npc', scenarioId: 'tavern' },
  ],
  keyId: 'key-1',
  status: 'open',
  turns: 0,
  startedAt: '2026-01-01T00:00:00.000Z',
  cuts: [],
  revision: 0,
};

describe('turnDocument', () => {
  it('fills what is not known yet with null, so that its shape is always the same', () => {
    const { usage, response, error, ended_at } = turnDocument(requested);
    expect({ usage, response, error, ended_at }).toEqual({ usage: null, response: null, error: null, ended_at: null });
  });

  it('has the same members whatever the status', () => {
    const completed = turnDocument({ ...requested, status: 'completed', reply: 'A friend.', finishReason: 'stop' });
    expect(Object.keys(completed)).toEqual(Object.keys(turnDocument(requested)));
  });

  it('says a reply under both names', () => {
    expect(turnDocument({ ...requested, status: 'completed', reply: 'A friend.' })).toMatchObject({
      response: 'A friend.',
      output: 'A friend.',
    });
  });

  it('shows what a cancelled turn had said', () => {
    expect(turnDocument({ ...requested, status: 'cancelled', partial: 'A fri' }).response).toBe('A fri');
  });

  it.each(['failed', 'timed_out'] as const)('never shows the partial text of a %s turn as its reply', (status) => {
    const document = turnDocument({
      ...requested,
      status,
      partial: 'A fri',
      fallback: 'Hm.',
      errorCode: 'model_timeout',
    });
    expect(document).toMatchObject({ response: null, fallback: 'Hm.', error: { code: 'model_timeout' } });
  });

  it('shows a move and what the game made of it', () => {
    const proposed = { ...requested, status: 'completed', reply: 'I go.', move: { verb: 'go' } } as const;
    expect(turnDocument(proposed)).toMatchObject({ move: { verb: 'go' }, move_verdict: null });
    expect(turnDocument({ ...proposed, moveVerdict: { verdict: 'accepted', stateRev: 8 } }).move_verdict).toEqual({
      verdict: 'accepted',
      state_rev: 8,
      reason: null,
    });
    expect(turnDocument({ ...proposed, moveVerdict: { verdict: 'rejected', reason: 'No.' } }).move_verdict).toEqual({
      verdict: 'rejected',
      state_rev: null,
      reason: 'No.',
    });
  });

  it('adds up the tokens', () => {
    const usage = { input: 120, cached: 100, output: 30, reasoning: 10, source: 'reported' } as const;
    expect(turnDocument({ ...requested, usage }).usage).toEqual({
      prompt_tokens: 120,
      completion_tokens: 30,
      total_tokens: 150,
      source: 'reported',
    });
  });

  it('shows null for texts whose key is destroyed', () => {
    const erased = { ...requested, status: 'completed', prompt: null, reply: null, metadata: null } as const;
    expect(turnDocument(erased)).toMatchObject({ prompt: null, response: null, output: null, metadata: null });
  });
});

describe('sessionDocument', () => {
  it('calls players what their game calls them', () => {
    const document = sessionDocument(session, new Map([['p1', 'player:42']]));
    expect(document.player_id).toBe('player:42');
    expect(document.participants).toEqual([
      { kind: 'player', player_id: 'player:42' },
      { kind: 'npc', scenario_id: 'tavern' },
    ]);
  });

  it.each([
    ['erased', new Map([['p1', null]])],
    ['unknown', new Map<string, string>()],
  ])('has no name for a player who is %s', (_name, ids) => {
    expect(sessionDocument(session, ids)).toMatchObject({
      player_id: null,
      participants: [{ kind: 'player', player_id: null }, {}],
    });
  });

  it('never shows our own id of a player, nor the key', () => {
    const text = JSON.stringify(sessionDocument(session, new Map([['p1', 'player:42']])));
    expect(text).not.toMatch(/"p1"|key-1/);
  });
});

describe('scenarioDocument', () => {
  it('has the members that configure takes, all filled in', () => {
    const config = { ...defaultScenarioConfig, version: 3, configHash: 'hash' };
    const document = scenarioDocument({
      scenarioId: 'tavern',
      config,
      configuredAt: '2026-01-01T00:00:00.000Z',
      isPromoted: true,
      newestVersion: 4,
      isRetired: false,
    });
    expect(document).toMatchObject({
      scenario_id: 'tavern',
      version: 3,
      promoted: true,
      newest_version: 4,
      retired: false,
      models: [{ name: 'default', temperature: null, top_p: null, max_tokens: 150, stop: [] }],
      history: { window_turns: 20, input_token_budget: 8_000, summary: { mode: 'none' } },
      note: null,
    });
  });
});

describe('scenarioStatsDocument', () => {
  it.each([
    ['nothing was judged', { movesProposed: 3 }, null],
    ['all was legal', { movesProposed: 3, movesAccepted: 2 }, 0],
    ['the schema and the game refused one each', { movesAccepted: 2, movesRejected: 1, movesInvalid: 1 }, 0.5],
    ['nothing came through the schema', { movesInvalid: 4 }, 1],
  ])('has a rate over what was judged: where %s', (_where, counts, rate) => {
    expect(scenarioStatsDocument(1, { ...noUsage, ...counts }).illegal_move_rate).toBe(rate);
  });

  it('counts the turns that have ended, however they did', () => {
    const counts = { ...noUsage, turnsCompleted: 4, turnsFailed: 3, turnsCancelled: 2, turnsTimedOut: 1 };
    expect(scenarioStatsDocument(2, counts)).toMatchObject({ version: 2, turns: 10 });
  });
});
