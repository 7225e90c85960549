import { describe, expect, test } from '@jest/globals';
import type { ModelCall, RerunRow, Session, Usage } from '@turnledger/shared/client';
import { callLayout } from './logs-command.ts';
import { rerunLayout } from './reruns-command.ts';
import { sessionLayout } from './sessions-command.ts';
import { usageText } from './usage-command.ts';

const startedAt = '2026-11-24T05:00:00.000Z';

describe('a row', () => {
  test('of a session has what there is, and a dash for what is not', () => {
    const scenario = { id: 'default', version: 2 };
    const session = { startedAt, id: 's', status: 'open', turns: 3, scenario, playerId: 'p7', gameId: null };
    expect(sessionLayout.cellsOf({ ...session, outcome: null } as unknown as Session)).toEqual([
      startedAt,
      's',
      'open',
      '3',
      'default 2',
      'p7',
      '–',
      '–',
    ]);
  });

  test.each([
    [
      { usage: { promptTokens: 7, completionTokens: 5 }, costMicroUsd: 1_250, error: null },
      ['7+5', '0.001250', '40', '–'],
    ],
    [{ usage: { promptTokens: 7, completionTokens: 5 }, costMicroUsd: null, error: null }, ['7+5', '?', '40', '–']],
    [
      { usage: null, costMicroUsd: null, error: { code: 'model_status', providerStatus: 500 } },
      ['–', '–', '40', 'model_status 500'],
    ],
  ])('of a model call with %j ends in %j', (over, cells) => {
    const call = { startedAt, sessionId: 's', attempt: 1, model: 'm', endpoint: 'default', status: 'completed' };
    const row = callLayout.cellsOf({ ...call, durationMs: 40, ...over } as unknown as ModelCall);
    expect(row).toEqual([startedAt, 's', '1', 'm', 'default', 'completed', ...cells]);
  });

  test('of a re-run says how far it is, and which version waits for it', () => {
    const row = { id: 'r', status: 'running', scenarioId: 'default', gameId: null, mode: 'free_running' };
    const counts = { gateVersion: 3, turns: 40, compared: 12, failed: 1, spentMicroUsd: 1_250 };
    expect(rerunLayout.cellsOf({ ...row, ...counts, requestedAt: startedAt } as unknown as RerunRow)).toEqual([
      startedAt,
      'r',
      'running',
      '12 of 40',
      '1',
      '0.001250',
      'default',
      '3',
      'free-running',
      '–',
    ]);
  });
});

test('usage is a row for each group, the total of all, and what has no price', () => {
  const counts = { turns: 3, turnsCompleted: 2, calls: 4, promptTokens: 70, completionTokens: 50, costMicroUsd: null };
  const usage = {
    from: '2026-11-01',
    to: '2026-11-02',
    rows: [{ model: null, ...counts, unpricedCalls: 4 }],
    hasMore: false,
    totals: { ...counts, unpricedCalls: 4 },
  };
  expect(usageText(usage as unknown as Usage, 'model')).toEqual([
    '2026-11-01 to 2026-11-02, both included, UTC',
    'model  completed  other ends  calls  tokens in  tokens out  USD',
    '–      2          1           4      70         50          ?',
    'all    2          1           4      70         50          ?',
    '4 calls have no known price and are not in it.',
  ]);
});
