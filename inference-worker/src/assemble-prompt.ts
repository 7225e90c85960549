import {
  type ModelChoice,
  type ScenarioVersion,
  type SessionEvent,
  type TurnRecord,
  turnInput,
  visibleState,
} from '@turnledger/shared/domain';
import type { ChatMessage, ModelRequest } from '@turnledger/shared/ports';

export interface PromptParts {
  readonly scenario: ScenarioVersion;
  /** Ended turns of the window, oldest first. */
  readonly history: readonly TurnRecord<'opened'>[];
  readonly requested: Extract<SessionEvent<'opened'>, { type: 'TurnRequested' }>['data'];
  readonly choice: ModelChoice;
  /** The name that the choice resolves to at its endpoint. */
  readonly model: string;
}

/**
 * Makes the request to a model out of recorded facts; pure, so that any past prompt can be made again and compared.
 *
 * What a player or the game wrote stands in messages of its own role only, never inside the instructions; game state outside of the
 * scenario's `view.model` pointers does not enter (rule 10).
 */
export function assemblePrompt({ scenario, history, requested, choice, model }: PromptParts): ModelRequest {
  const { persona, view } = scenario;
  const startsAtFirstTurn = (history[0]?.position ?? requested.position) === 1;
  const messages: ChatMessage[] = [{ role: 'system', content: `You are ${persona.name}.\n\n${persona.instructions}` }];
  if (persona.greeting !== undefined && startsAtFirstTurn)
    messages.push({ role: 'assistant', content: persona.greeting });
  for (const turn of history) messages.push(...turnMessages(turn));
  const seen = requested.state ? visibleState(requested.state.data, view.model) : undefined;
  if (seen) messages.push({ role: 'user', content: JSON.stringify({ game_state: seen }) });
  messages.push({ role: 'user', content: turnInput(requested.text, requested.trigger) ?? '' });
  const { overrides } = requested;
  const temperature = overrides?.temperature ?? choice.temperature;
  const topP = overrides?.topP ?? choice.topP;
  const maxTokens = overrides?.maxTokens ?? choice.maxTokens;
  return {
    endpoint: choice.endpoint,
    model,
    messages,
    parameters: {
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && { topP }),
      ...(maxTokens !== undefined && { maxTokens }),
      stop: overrides?.stop ?? choice.stop,
    },
  };
}

/** What a turn of the past adds: both sides of a completed one, the fallback line where that was said, an interrupted reply as such. */
function turnMessages(turn: TurnRecord<'opened'>): readonly ChatMessage[] {
  const answer = answerOf(turn);
  const input = turnInput(turn.prompt, turn.trigger);
  if (input === undefined || answer === undefined) return [];
  return [
    { role: 'user', content: input },
    { role: 'assistant', content: answer },
  ];
}

/** What the player was answered in a turn of the past, as the model is told it; undefined when the turn does not enter a prompt. */
export function answerOf(turn: TurnRecord<'opened'>): string | undefined {
  const { status, reply, fallback, partial } = turn;
  if (status === 'completed') return reply ?? undefined;
  if (status === 'cancelled') return partial ? `${partial} — (interrupted)` : undefined;
  return fallback ?? undefined;
}
