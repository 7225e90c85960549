import type { ModelChoice, ScenarioConfig } from '../../domain/index.ts';
import { TurnledgerError } from '../errors/turnledger-error.ts';
import { limits } from '../limits.ts';
import type { ConfigureBody } from './configure.ts';

/** What a scenario is before anybody configures it. `default` names the model that the operator runs. */
export const defaultScenarioConfig: ScenarioConfig = {
  persona: {
    name: 'Companion',
    instructions: 'You are a character in a game. Answer the player in character, in one to three sentences.',
  },
  models: [{ name: 'default', endpoint: 'default', weight: 1, maxTokens: 150, stop: [] }],
  strategy: 'single',
  history: { windowTurns: 20, inputTokenBudget: 8_000 },
  moves: { mode: 'none' },
  view: { model: [], public: [] },
  turns: { onBusy: 'reject', maxTurns: 500 },
  deadlines: { firstTokenMs: 10_000, totalMs: 30_000 },
  retry: { maxAttempts: 3 },
  fallbackLines: [],
};

/**
 * The whole configuration that a request asks for, on top of another. Throws `request_invalid` when the flat form and `models` are mixed,
 * all weights of a draw are 0, or the first-token deadline is beyond the total one.
 */
export function mergeConfiguration(base: ScenarioConfig, body: ConfigureBody): ScenarioConfig {
  const persona = { ...base.persona, ...defined(body.persona ?? {}) };
  const deadlines = {
    firstTokenMs: body.deadlines?.first_token_ms ?? base.deadlines.firstTokenMs,
    totalMs: body.deadlines?.total_ms ?? base.deadlines.totalMs,
  };
  if (deadlines.firstTokenMs > deadlines.totalMs) {
    if (body.deadlines?.first_token_ms !== undefined)
      throw invalid('/deadlines/first_token_ms', 'is later than total_ms');
    deadlines.firstTokenMs = deadlines.totalMs;
  }
  const moves = body.moves ?? base.moves;
  const models = mergedModels(base, body);
  const strategy = body.strategy ?? base.strategy;
  if (strategy === 'weighted' && models.every(({ weight }) => weight === 0))
    throw invalid(body.models ? '/models' : '/strategy', 'draws among weights that are all 0');
  return {
    persona,
    models,
    strategy,
    history: {
      windowTurns: body.history?.window_turns ?? base.history.windowTurns,
      inputTokenBudget: body.history?.input_token_budget ?? base.history.inputTokenBudget,
      ...mergedSummary(base, body),
    },
    moves: moves.schema === undefined ? { mode: moves.mode } : { mode: moves.mode, schema: moves.schema },
    view: { model: body.view?.model ?? base.view.model, public: body.view?.public ?? base.view.public },
    turns: { onBusy: body.turns?.on_busy ?? base.turns.onBusy, maxTurns: body.turns?.max_turns ?? base.turns.maxTurns },
    deadlines,
    retry: { maxAttempts: body.retry?.max_attempts ?? base.retry.maxAttempts },
    fallbackLines: body.fallback_lines ?? base.fallbackLines,
  };
}

function mergedModels(base: ScenarioConfig, body: ConfigureBody): readonly ModelChoice[] {
  const flat = defined({
    name: body.model,
    temperature: body.temperature,
    maxTokens: body.max_tokens,
    topP: body.top_p,
    stop: body.stop,
  });
  const isFlat = Object.keys(flat).length > 0;
  if (body.models && isFlat)
    throw invalid('/models', 'cannot stand beside model, temperature, max_tokens, top_p or stop');
  if (body.models) return body.models.map(toModelChoice);
  const [first, ...others] = base.models;
  return first && isFlat ? [{ ...first, ...flat }, ...others] : base.models;
}

/** Left out where there is none: such a configuration has the hash that it had before there were summaries. */
function mergedSummary(base: ScenarioConfig, body: ConfigureBody): Pick<ScenarioConfig['history'], 'summary'> {
  const asked = body.history?.summary;
  if (!asked) return defined({ summary: base.history.summary });
  if (asked.mode === 'none') return {};
  const maxTokens = asked.max_tokens ?? limits.summary.defaultTokens;
  return { summary: { mode: asked.mode, maxTokens, ...defined({ model: asked.model }) } };
}

const toModelChoice = (model: NonNullable<ConfigureBody['models']>[number]): ModelChoice => ({
  name: model.name,
  endpoint: model.endpoint ?? 'default',
  weight: model.weight ?? 1,
  stop: model.stop ?? [],
  ...defined({ temperature: model.temperature, topP: model.top_p, maxTokens: model.max_tokens }),
});

type Defined<T> = { [name in keyof T]: Exclude<T[name], undefined> };

/** The members that have a value. */
const defined = <T extends object>(members: T): Partial<Defined<T>> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<Defined<T>>;

const invalid = (pointer: string, message: string) =>
  new TurnledgerError('request_invalid', { detail: `${pointer} ${message}`, fields: [{ pointer, message }] });
