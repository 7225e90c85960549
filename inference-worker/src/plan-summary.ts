import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import {
  newestTurnId,
  type PlannedCall,
  type PromptManifest,
  type SessionState,
  type TurnRecord,
  turnInput,
} from '@turnledger/shared/domain';
import type { Model, ModelRequest } from '@turnledger/shared/ports';
import { countTokens, historyThroughTurn, readHistory } from '@turnledger/shared/runtime';
import { keyedHash } from '@turnledger/shared/trust';
import { answerOf } from './assemble-prompt.ts';
import { firstWithinReach } from './choose-model.ts';
import { dueOf } from './due-of.ts';
import type { WorkerPorts } from './ports.ts';
import { readSummary } from './read-summary.ts';
import { TOKENS_PER_MESSAGE, tokensOf } from './select-window.ts';
import { type SummaryParts, summaryRequest, summaryRequestVersion } from './summary-request.ts';

/** Everything that a summary will cover and ask, fixed before it is claimed. */
export interface PlannedSummary {
  readonly summaryId: string;
  readonly fromTurnId: string;
  readonly throughTurnId: string;
  readonly throughPosition: number;
  readonly model: Model;
  readonly request: ModelRequest;
  readonly call: PlannedCall<'summary'>;
  readonly prompt: PromptManifest;
}

/**
 * Plans the summary that is due, from the log; undefined where none is, no endpoint of the scenario is known here, or nothing was said in the
 * turns. Throws `scenario_not_found`, `player_erased`, `store_unavailable`.
 */
export async function planSummary(
  ports: WorkerPorts,
  sessionId: string,
  state: SessionState,
): Promise<PlannedSummary | undefined> {
  const found = await dueOf(ports, sessionId, state);
  const config = found?.scenario.history.summary;
  const choice = found && firstWithinReach(found.scenario, new Set(ports.models.keys()), config?.model);
  const model = choice && ports.models.get(choice.endpoint);
  if (!found || !config || !model) return undefined;
  const { scenario, due, extended } = found;
  const { sessions } = ports.ledger;
  const point = { sessionId, state };
  const asked = new Set(due.turns.slice(0, limits.summary.maxTurns).map(({ turnId }) => turnId));
  const history = await historyThroughTurn(sessions, point, newestTurnId(state));
  const covered = history.filter(({ turn }) => asked.has(turn.turnId));
  const turns = await readHistory({ sessions, vault: ports.vault }, point, covered);
  const earlier = extended && (await readSummary(ports, { sessionId, keyId: state.keyId }, extended));
  const name = model.isScripted || choice.name === 'default' ? model.defaultModel : choice.name;
  const parts = {
    config,
    choice,
    model: name,
    character: scenario.persona.name,
    ...(earlier !== undefined && { earlier }),
  };
  const fixedTokens = await fixedTokensOf(parts);
  const { told, tokens } = selectTold(turns, scenario.history.inputTokenBudget - fixedTokens);
  const said = told.flatMap(sidesOf);
  const [first, last] = [told[0], told.at(-1)];
  if (!first || !last || said.length === 0) return undefined;
  const request = summaryRequest({ ...parts, turns: said });
  const dataKey = await ports.vault.dataKey(state.keyId);
  if (dataKey.outcome === 'erased') throw new TurnledgerError('player_erased');
  const { stop, ...parameters } = request.parameters;
  return {
    summaryId: ports.ids.uuid(),
    fromTurnId: due.firstTurnId,
    throughTurnId: last.turnId,
    throughPosition: last.position,
    model,
    request,
    call: {
      callId: ports.ids.uuid(),
      purpose: 'summary',
      model: name,
      endpoint: choice.endpoint,
      parameters: { ...parameters, stops: stop.length },
    },
    prompt: {
      assembler: summaryRequestVersion,
      foldedThroughRevision: state.revision,
      fromTurnId: first.turnId,
      throughTurnId: last.turnId,
      scenarioVersion: scenario.version,
      ...(extended && { summaryId: extended.summaryId }),
      estimatedTokens: fixedTokens + tokens,
      hmac: keyedHash(dataKey.key, 'prompt', request),
    },
  };
}

/** What the request holds beside the turns. */
async function fixedTokensOf(parts: Omit<SummaryParts, 'turns'>): Promise<number> {
  const empty = summaryRequest({ ...parts, turns: [] });
  const text = empty.messages.map(({ content }) => content).join('');
  return (await countTokens(text)) + empty.messages.length * TOKENS_PER_MESSAGE;
}

/** The oldest turns that fit, and one in any case: its sides are cut, so that one turn never stops all summaries after it. */
function selectTold(
  turns: readonly TurnRecord<'opened'>[],
  tokenBudget: number,
): { readonly told: readonly TurnRecord<'opened'>[]; readonly tokens: number } {
  let tokens = 0;
  let count = 0;
  for (const turn of turns) {
    const cost = Math.min(tokensOf(turn), MAX_TURN_TOKENS);
    if (count > 0 && tokens + cost > tokenBudget) break;
    tokens += cost;
    count += 1;
  }
  return { told: turns.slice(0, count), tokens };
}

/** A text has no more tokens than bytes, and a character of UTF-16 no more than three bytes. */
const MAX_TURN_TOKENS = 2 * 3 * limits.summary.maxSideChars;

/** Both sides of a turn as its summary is told them, cut; none for a turn that enters no prompt. */
function sidesOf(turn: TurnRecord<'opened'>): SummaryParts['turns'] {
  const input = turnInput(turn.prompt, turn.trigger);
  const reply = answerOf(turn);
  return input === undefined || reply === undefined ? [] : [{ input: cut(input), reply: cut(reply) }];
}

const cut = (text: string): string => text.slice(0, limits.summary.maxSideChars).toWellFormed();
