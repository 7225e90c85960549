import { sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import type { SessionEvent, SessionState, TurnState } from '@turnledger/shared/domain';
import {
  openSessionEvent,
  pinnedScenario,
  promptAssemblers,
  scenarioMoves,
  summaryAssemblers,
} from '@turnledger/shared/runtime';
import { keyedHash } from '@turnledger/shared/trust';
import { assemblePrompt } from './assemble-prompt.ts';
import { assemblePromptWithMoves, rejectionOf } from './assemble-prompt-with-moves.ts';
import { withSummary } from './assemble-prompt-with-summary.ts';
import { chooseAgain, chooseNow } from './choose-call.ts';
import { instructionTokens, stateTokens } from './fixed-tokens.ts';
import { planMoves } from './plan-moves.ts';
import type { PlannedAttempt } from './planned-attempt.ts';
import type { Repetition, WorkerPorts } from './ports.ts';
import { readPast } from './read-past.ts';
import { readSummary } from './read-summary.ts';
import { rejectionTokens } from './select-window.ts';

/**
 * Plans the next attempt of an open turn from the log. Throws `scenario_not_found`, `endpoint_unknown` (an operator took an endpoint away),
 * `player_erased`, `move_schema_invalid`, `store_unavailable`; of a repetition `model_unavailable` in place of the second.
 */
export async function planAttempt(
  ports: WorkerPorts,
  sessionId: string,
  state: SessionState,
  turn: TurnState,
  repetition?: Repetition,
): Promise<PlannedAttempt> {
  const { scenarioId } = state;
  const scenario = await pinnedScenario(ports.ledger, { scenarioId, scenarioVersion: turn.scenarioVersion });
  const rules = scenarioMoves(scenarioId, scenario);
  const point = { sessionId, state };
  // The turn right before is read in any case where there are moves: why its move was rejected is told, whatever the window is.
  const atLeast = rules ? 1 : 0;
  const past = await readPast(ports, { point, turn, scenario, atLeast, told: repetition?.told });
  const stream = sessionStream(sessionId);
  const [asked] = await ports.ledger.sessions.events(stream, turn.requestedRevision, turn.requestedRevision);
  const requested = await requestedData(ports, asked);
  const attempt = turn.attempt + 1;
  const wanted = requested.overrides?.model;
  const { choice, model, name, isNextUntried } = repetition
    ? chooseAgain(ports.models, scenario, { ...repetition, attempt, wanted })
    : chooseNow(ports.models, scenario, { seed: turn.turnId, attempt, wanted });
  const moves = rules && (await planMoves(ports, sessionId, turn, rules, model));
  const instructed = await instructionTokens(scenarioId, scenario, moves);
  const stated = await stateTokens(requested, scenario.view.model);
  const fixedTokens = instructed + requested.tokens + stated + (moves?.correctionTokens ?? 0);
  const { history, summary, tokens } = await past.tell({
    tokenBudget: scenario.history.inputTokenBudget - fixedTokens,
    isCorrection: moves?.correctionOfAttempt !== undefined,
  });
  const parts = { scenario, history, requested, choice, model: name };
  const last = past.turns.at(-1);
  const rejection = last && !history.includes(last) ? rejectionOf(last) : undefined;
  const plain = moves
    ? assemblePromptWithMoves({ ...parts, asked: moves, rejection, corrected: moves.corrected })
    : assemblePrompt(parts);
  const earlier = summary && (await readSummary(ports, { sessionId, keyId: state.keyId }, summary));
  const request = earlier === undefined ? plain : withSummary(plain, earlier);
  const dataKey = await ports.vault.dataKey(state.keyId);
  if (dataKey.outcome === 'erased') throw new TurnledgerError('player_erased');
  const [from, through] = [history[0]?.turnId, history.at(-1)?.turnId];
  const { stop, ...parameters } = request.parameters;
  return {
    scenario,
    model,
    isNextUntried,
    request,
    ...(moves && { moves: { rules: moves.rules, form: moves.form } }),
    call: {
      callId: ports.ids.uuid(),
      purpose: 'reply',
      model: name,
      endpoint: choice.endpoint,
      parameters: { ...parameters, stops: stop.length },
    },
    prompt: {
      assembler: (summary ? summaryAssemblers : promptAssemblers)[moves?.form ?? 'plain'],
      foldedThroughRevision: state.revision,
      ...(from !== undefined && { fromTurnId: from }),
      ...(through !== undefined && { throughTurnId: through }),
      scenarioVersion: scenario.version,
      ...(moves?.correctionOfAttempt !== undefined && { correctionOfAttempt: moves.correctionOfAttempt }),
      ...(summary && { summaryId: summary.summaryId }),
      estimatedTokens: fixedTokens + tokens + rejectionTokens(rejection),
      hmac: keyedHash(dataKey.key, 'prompt', request),
    },
  };
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
