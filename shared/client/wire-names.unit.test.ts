import { describe, expect, test } from '@jest/globals';
import { configureBody } from '../contracts/index.ts';
import type { ModelConfiguration } from './documents.ts';
import { camelCased, snakeCased } from './wire-names.ts';

const configuration: ModelConfiguration = {
  scenarioId: 'lisbon-ledger.marta',
  persona: { name: 'Marta Reis' },
  models: [{ name: 'm', topP: 0.5, maxTokens: 150 }],
  history: { windowTurns: 20, inputTokenBudget: 8_000, summary: { mode: 'rolling', maxTokens: 100, model: 'm' } },
  moves: { mode: 'optional', schema: { properties: { nextRoom: { max_length: 4 } } } },
  turns: { onBusy: 'interrupt', maxTurns: 500 },
  deadlines: { firstTokenMs: 10_000, totalMs: 30_000 },
  retry: { maxAttempts: 3 },
  fallbackLines: ['Not now.'],
};

describe('names', () => {
  test('of a whole configuration are those of the contract on the wire', () => {
    expect(configureBody.parse(snakeCased(configuration))).toMatchObject({
      scenario_id: 'lisbon-ledger.marta',
      models: [{ name: 'm', top_p: 0.5, max_tokens: 150 }],
      deadlines: { first_token_ms: 10_000, total_ms: 30_000 },
    });
  });

  test('come back as they went', () => {
    expect(camelCased(snakeCased(configuration))).toEqual(configuration);
  });

  test.each(['metadata', 'data', 'schema', 'move', 'args', 'traits'])("inside %s are the game's own", (name) => {
    const document = { [name]: { next_room: { snakeAndCamel_too: [1] } } };
    expect(camelCased(document)).toEqual(document);
    expect(snakeCased<object>(document)).toEqual(document);
  });
});
