import type { ConfigureScenario, OpenGate, ScenarioConfig, ScenarioEvent } from '../domain/index.ts';
import { sampleIds } from './sample-commands.ts';

type Configured = Extract<ScenarioEvent, { readonly type: 'ScenarioConfigured' }>;
type GateOpened = Extract<ScenarioEvent, { readonly type: 'ScenarioGateOpened' }>;
type GateClosed = Extract<ScenarioEvent, { readonly type: 'ScenarioGateClosed' }>;
type Promoted = Extract<ScenarioEvent, { readonly type: 'ScenarioVersionPromoted' }>;

/** A whole configuration, as it stands after merging; instructions tell versions apart. */
export const sampleConfig = (instructions = 'Guard the bridge.'): ScenarioConfig => ({
  persona: { name: 'Troll', instructions },
  models: [{ name: 'default', endpoint: 'main', weight: 1, stop: [] }],
  strategy: 'single',
  history: { windowTurns: 20, inputTokenBudget: 8_000 },
  moves: { mode: 'none' },
  view: { model: [], public: [] },
  turns: { onBusy: 'reject', maxTurns: 100 },
  deadlines: { firstTokenMs: 10_000, totalMs: 30_000 },
  retry: { maxAttempts: 3 },
  fallbackLines: ['The troll only grunts.'],
});

export const sampleConfigure = (changes: Partial<ConfigureScenario> = {}): ConfigureScenario => ({
  config: sampleConfig(),
  configHash: 'hash-1',
  publish: true,
  ...changes,
});

export const sampleConfigured = (version = 1, changes: Partial<Configured['data']> = {}): Configured => ({
  type: 'ScenarioConfigured',
  data: { ...sampleConfig(), version, configHash: `hash-${version}`, ...changes },
});

export const samplePromoted = (version = 1): Promoted => ({ type: 'ScenarioVersionPromoted', data: { version } });

/** A gate for a scenario's second version. */
export const sampleGate = (changes: Partial<OpenGate> = {}): OpenGate => ({
  version: 2,
  rerunId: sampleIds.rerun,
  thresholds: { maxFailedRate: 0.1, minSimilarity: 0.5 },
  ...changes,
});

export const sampleGateOpened = (changes: Partial<GateOpened['data']> = {}): GateOpened => {
  const { abandonedRerunId: _replaced, ...opened } = sampleGate();
  return { type: 'ScenarioGateOpened', data: { ...opened, ...changes } };
};

export const sampleGateClosed = (changes: Partial<GateClosed['data']> = {}): GateClosed => ({
  type: 'ScenarioGateClosed',
  data: { version: 2, rerunId: sampleIds.rerun, outcome: 'passed', missed: [], ...changes },
});
