import { describe, expect, test } from '@jest/globals';
import { createScriptedModel } from '../adapters/scripted/index.ts';
import { endpointFacts, priceOf } from './endpoint-facts.ts';
import { priceTable } from './price-table.ts';

const price = { inputPerMillionUsd: 2, cachedInputPerMillionUsd: 1, outputPerMillionUsd: 8 };
const endpoints = endpointFacts(
  new Map([
    ['free', { kind: 'scripted', wordDelayMs: 0 }],
    ['paid', { kind: 'openai', baseUrl: 'http://model/v1', name: 'large', prices: priceTable({ large: price }) }],
    ['unpriced', { kind: 'openai', baseUrl: 'http://model/v1', name: 'large' }],
  ] as const),
);

describe('the facts of endpoints', () => {
  test('name the scripted model as it names itself', () => {
    const { defaultModel, isScripted } = createScriptedModel({ wordDelayMs: 0 });
    expect(endpoints.get('free')).toEqual({ defaultModel, isScripted });
  });

  test.each([
    ['what is scripted is free', { name: 'any', endpoint: 'free' }, 0],
    ['a model with a price has it', { name: 'large', endpoint: 'paid' }, 2],
    ['default is the model of the endpoint', { name: 'default', endpoint: 'paid' }, 2],
    ['another model has none', { name: 'small', endpoint: 'paid' }, undefined],
    ['no prices, no price', { name: 'large', endpoint: 'unpriced' }, undefined],
    ['an endpoint that is gone has none', { name: 'default', endpoint: 'gone' }, undefined],
  ])('%s', (_name, model, expected) => {
    expect(priceOf(endpoints, model)?.inputPerMillionUsd).toBe(expected);
  });
});
