import { describe, expect, it } from '@jest/globals';
import type { ScenarioConfig } from '../../domain/index.ts';
import { eventSchemas } from '../events/event-catalogue.ts';
import { limits } from '../limits.ts';
import { configureBody } from './configure.ts';
import { defaultScenarioConfig, mergeConfiguration } from './merge-configuration.ts';

const merge = (body: unknown, base: ScenarioConfig = defaultScenarioConfig) =>
  mergeConfiguration(base, configureBody.parse(body));
const invalidAt = (pointer: string) =>
  expect.objectContaining({
    code: 'request_invalid',
    extras: expect.objectContaining({ fields: [expect.objectContaining({ pointer })] }),
  });

const full = {
  persona: { name: 'Marta Reis', instructions: 'Lie about the ledger.', greeting: 'Bom dia.' },
  models: [
    { name: 'a', endpoint: 'main', weight: 2, temperature: 0, top_p: 1, max_tokens: 9, stop: ['\n'] },
    { name: 'b' },
  ],
  strategy: 'weighted',
  history: { window_turns: 0, input_token_budget: 100 },
  moves: { mode: 'required', schema: { type: 'object' } },
  view: { model: ['/clues'], public: ['', '/room'] },
  turns: { on_busy: 'interrupt', max_turns: 5 },
  deadlines: { first_token_ms: 500, total_ms: 900 },
  retry: { max_attempts: 1 },
  fallback_lines: ['…'],
} as const;

const merged: ScenarioConfig = {
  persona: full.persona,
  models: [
    { name: 'a', endpoint: 'main', weight: 2, temperature: 0, topP: 1, maxTokens: 9, stop: ['\n'] },
    { name: 'b', endpoint: 'default', weight: 1, stop: [] },
  ],
  strategy: 'weighted',
  history: { windowTurns: 0, inputTokenBudget: 100 },
  moves: { mode: 'required', schema: { type: 'object' } },
  view: { model: ['/clues'], public: ['', '/room'] },
  turns: { onBusy: 'interrupt', maxTurns: 5 },
  deadlines: { firstTokenMs: 500, totalMs: 900 },
  retry: { maxAttempts: 1 },
  fallbackLines: ['…'],
};

const { defaultTokens } = limits.summary;
const window = { windowTurns: 20, inputTokenBudget: 8_000 };

describe('the summary of a configuration', () => {
  it('is no member where there is none, so that hashes are what they were before there were summaries', () => {
    expect(merge({}).history).toEqual(window);
    expect(merge({ history: { summary: { mode: 'none' } } }).history).toEqual(window);
  });

  it('is filled in, kept by what does not name it, and taken away', () => {
    const rolling = merge({ history: { summary: { mode: 'rolling' } } });
    expect(rolling.history).toEqual({ ...window, summary: { mode: 'rolling', maxTokens: defaultTokens } });
    expect(merge({ history: { window_turns: 6 } }, rolling).history.summary).toEqual(rolling.history.summary);
    const other = { summary: { mode: 'rolling', max_tokens: 100, model: 'small' } };
    const changed = merge({ history: other }, rolling);
    expect(changed.history.summary).toEqual({ mode: 'rolling', maxTokens: 100, model: 'small' });
    expect(merge({ history: { summary: { mode: 'none' } } }, changed).history).toEqual(window);
    expect(stored(changed).success).toBe(true);
  });
});

/** What the log would hold for a configuration. */
const stored = (config: ScenarioConfig) =>
  eventSchemas.ScenarioConfigured.safeParse({ ...config, version: 1, configHash: 'a'.repeat(64) });

describe('mergeConfiguration', () => {
  it('takes every member that is given', () => {
    expect(merge(full)).toEqual(merged);
  });

  it('keeps every member that is absent', () => {
    expect(merge({}, merged)).toEqual(merged);
  });

  it.each([
    [{ persona: { name: 'Ana' } }, { persona: { ...merged.persona, name: 'Ana' } }],
    [{ history: { window_turns: 3 } }, { history: { windowTurns: 3, inputTokenBudget: 100 } }],
    [{ view: { public: [] } }, { view: { model: ['/clues'], public: [] } }],
    [{ turns: { max_turns: 6 } }, { turns: { onBusy: 'interrupt', maxTurns: 6 } }],
    [{ deadlines: { total_ms: 1_000 } }, { deadlines: { firstTokenMs: 500, totalMs: 1_000 } }],
    [{ moves: { mode: 'none' } }, { moves: { mode: 'none' } }],
    [{ fallback_lines: [] }, { fallbackLines: [] }],
  ])('changes what %j names and nothing beside it', (body, change) => {
    expect(merge(body, merged)).toEqual({ ...merged, ...change });
  });

  it('replaces the list of models as a whole', () => {
    expect(merge({ models: [{ name: 'c', weight: 0.5 }] }, merged).models).toEqual([
      { name: 'c', endpoint: 'default', weight: 0.5, stop: [] },
    ]);
  });

  it('applies the flat form to the first model alone', () => {
    const body = { model: 'c', temperature: 0, max_tokens: 7, top_p: 0, stop: 'END' };
    const [first, second] = merged.models;
    expect(merge(body, merged).models).toEqual([
      { ...first, name: 'c', temperature: 0, maxTokens: 7, topP: 0, stop: ['END'] },
      second,
    ]);
  });

  it('leaves what the flat form does not name', () => {
    expect(merge({ temperature: 1 }, merged).models[0]).toEqual({ ...merged.models[0], temperature: 1 });
  });

  it.each([{ model: 'c' }, { temperature: 0 }, { stop: [] }])('refuses models beside %j', (flat) => {
    expect(() => merge({ models: full.models, ...flat })).toThrow(invalidAt('/models'));
  });

  it('refuses a draw among weights of 0', () => {
    const models = [
      { name: 'a', weight: 0 },
      { name: 'b', weight: 0 },
    ];
    expect(() => merge({ models, strategy: 'weighted' })).toThrow(invalidAt('/models'));
    expect(() => merge({ strategy: 'weighted' }, merge({ models }))).toThrow(invalidAt('/strategy'));
    expect(merge({ models, strategy: 'fallback' }).models).toHaveLength(2);
  });

  it('refuses a first-token deadline beyond the total one', () => {
    expect(() => merge({ deadlines: { first_token_ms: 901 } }, merged)).toThrow(invalidAt('/deadlines/first_token_ms'));
  });

  it('brings the kept first-token deadline down with a shorter total one', () => {
    expect(merge({ deadlines: { total_ms: 400 } }, merged).deadlines).toEqual({ firstTokenMs: 400, totalMs: 400 });
  });

  it('does not change what it merges into', () => {
    const before = JSON.stringify(merged);
    merge({ ...full, persona: { name: 'Ana' } }, merged);
    expect(JSON.stringify(merged)).toBe(before);
  });
});

describe('what the edge admits, the log can hold', () => {
  it('is true of the defaults', () => {
    expect(stored(defaultScenarioConfig).error).toBeUndefined();
  });

  it('is true of a configuration at every limit', () => {
    const { scenario } = limits;
    const line = (length: number) => 'é'.repeat(length);
    const body = {
      persona: {
        name: line(128),
        instructions: line(scenario.maxInstructionsChars),
        greeting: line(scenario.maxFallbackChars),
      },
      models: Array.from({ length: scenario.maxModels }, () => ({
        name: line(128),
        endpoint: 'e'.repeat(64),
        weight: 1_000_000,
        max_tokens: 32_768,
        stop: Array.from({ length: scenario.maxStops }, () => line(scenario.maxStopChars)),
      })),
      history: { window_turns: scenario.maxWindowTurns, input_token_budget: scenario.maxInputTokenBudget },
      view: { model: [`/${line(255)}`], public: Array.from({ length: scenario.maxViewPointers }, () => '') },
      turns: { max_turns: scenario.maxTurns },
      deadlines: { first_token_ms: scenario.minDeadlineMs, total_ms: scenario.maxDeadlineMs },
      retry: { max_attempts: scenario.maxAttempts },
      fallback_lines: Array.from({ length: scenario.maxFallbackLines }, () => line(scenario.maxFallbackChars)),
    };
    expect(stored(merge(body)).error).toBeUndefined();
  });

  it('is true of a move schema with long keys, at any depth', () => {
    const long = 'k'.repeat(1_000);
    const body = { moves: { mode: 'optional', schema: { [long]: { properties: { [long]: [1.5e-7, null, 'é'] } } } } };
    expect(stored(merge(body)).error).toBeUndefined();
  });
});
