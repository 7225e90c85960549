import { limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import {
  type HistoryNode,
  type PlannedCall,
  type PromptManifest,
  type ScenarioVersion,
  type SessionEvent,
  type SessionState,
  type TurnState,
  turnOf,
} from '@turnledger/shared/domain';
import type { Model, ModelRequest } from '@turnledger/shared/ports';
import { countTokens, openSessionEvent, pinnedScenario, readTurns } from '@turnledger/shared/runtime';
import { keyedHash } from '@turnledger/shared/trust';
import { LRUCache } from 'lru-cache';
import { assemblePrompt, assemblerVersion } from './assemble-prompt.ts';
import { chooseModel, isNextUntried, withinReach } from './choose-model.ts';
import type { WorkerPorts } from './ports.ts';
import { selectWindow, TOKENS_PER_MESSAGE } from './select-window.ts';

/** Everything an attempt will do, fixed before it is claimed: what TurnStarted records is what is then sent. */
export interface PlannedAttempt {
  readonly scenario: ScenarioVersion;
  readonly model: Model;
  readonly request: ModelRequest;
  readonly call: PlannedCall;
  readonly prompt: PromptManifest;
  /** A failure of this attempt may be answered by another endpoint, at once. */
  readonly isNextUntried: boolean;
}

/**
 * Plans the next attempt of an open turn from the log. Throws `scenario_not_found`, `endpoint_unknown` (an operator took an endpoint away),
 * `player_erased`, `store_unavailable`.
 */
export async function planAttempt(
  ports: WorkerPorts,
  sessionId: string,
  state: SessionState,
  turn: TurnState,
): Promise<PlannedAttempt> {
  const { scenarioId } = state;
  const scenario = await pinnedScenario(ports.ledger, { scenarioId, scenarioVersion: turn.scenarioVersion });
  const window = windowOf(state, turn, scenario.history.windowTurns);
  const stream = sessionStream(sessionId);
  const { sessions } = ports.ledger;
  const turns = await readTurns({ sessions, vault: ports.vault }, sessionId, state, window);
  const [asked] = await sessions.events(stream, turn.requestedRevision, turn.requestedRevision);
  const requested = await requestedData(ports, asked);
  const fixedTokens =
    (await instructionTokens(scenarioId, scenario)) + requested.tokens + (await stateTokens(requested));
  const { history, tokens } = selectWindow(turns, scenario.history.inputTokenBudget - fixedTokens);
  const attempt = turn.attempt + 1;
  const reachable = withinReach(scenario, new Set(ports.models.keys()));
  const choice = chooseModel(reachable, turn.turnId, attempt, requested.overrides?.model);
  const model = ports.models.get(choice.endpoint);
  if (!model) throw new TurnledgerError('endpoint_unknown', { detail: choice.endpoint });
  const name = model.isScripted || choice.name === 'default' ? model.defaultModel : choice.name;
  const request = assemblePrompt({ scenario, history, requested, choice, model: name });
  const dataKey = await ports.vault.dataKey(state.keyId);
  if (dataKey.outcome === 'erased') throw new TurnledgerError('player_erased');
  const [from, through] = [history[0]?.turnId, history.at(-1)?.turnId];
  const { stop, ...parameters } = request.parameters;
  return {
    scenario,
    model,
    isNextUntried: isNextUntried(reachable, attempt, requested.overrides?.model),
    request,
    call: {
      callId: ports.ids.uuid(),
      purpose: 'reply',
      model: name,
      endpoint: choice.endpoint,
      parameters: { ...parameters, stops: stop.length },
    },
    prompt: {
      assembler: assemblerVersion,
      foldedThroughRevision: state.revision,
      ...(from !== undefined && { fromTurnId: from }),
      ...(through !== undefined && { throughTurnId: through }),
      scenarioVersion: scenario.version,
      estimatedTokens: fixedTokens + tokens,
      hmac: keyedHash(dataKey.key, 'prompt', request),
    },
  };
}

/** The ended turns before this one in effective history, oldest first, at most `count`. */
function windowOf(state: SessionState, turn: TurnState, count: number): readonly TurnState[] {
  const found: TurnState[] = [];
  let node: HistoryNode | undefined = state.history;
  while (node && node.turnId !== turn.turnId) node = node.previous;
  for (node = node?.previous; node && found.length < count; node = node.previous) {
    const one = turnOf(state, node.turnId);
    if (one) found.push(one);
  }
  return found.reverse();
}

type Requested = Extract<SessionEvent<'opened'>, { type: 'TurnRequested' }>['data'];

async function requestedData(
  { vault }: WorkerPorts,
  stored: Parameters<typeof openSessionEvent>[0] | undefined,
): Promise<Requested> {
  const event = stored && (await openSessionEvent(stored, vault));
  if (event?.type !== 'TurnRequested')
    throw new TurnledgerError('invariant_broken', { detail: 'a turn does not begin with its request' });
  if (event.data.text === null || event.data.trigger?.args === null) throw new TurnledgerError('player_erased');
  return event.data;
}

const stateTokens = async ({ state }: Requested): Promise<number> =>
  state ? (await countTokens(JSON.stringify(state.data))) + TOKENS_PER_MESSAGE : 0;

const countedInstructions = new LRUCache<string, number>({ max: limits.worker.concurrency * 16 });

/** Instructions are counted once per scenario version and process. */
async function instructionTokens(
  scenarioId: string,
  { persona, version, configHash }: ScenarioVersion,
): Promise<number> {
  const key = `${scenarioId}@${version}:${configHash}`;
  const known = countedInstructions.get(key);
  if (known !== undefined) return known;
  const tokens =
    (await countTokens(`${persona.name}${persona.instructions}${persona.greeting ?? ''}`)) + 3 * TOKENS_PER_MESSAGE;
  countedInstructions.set(key, tokens);
  return tokens;
}
