import { randomUUID } from 'node:crypto';
import type { Agent } from 'node:http';
import { systemClock as clock } from '@turnledger/shared/adapters/system';
import { getText, type HttpAnswer, postJson } from './keep-alive-http.ts';
import type { LoadMode } from './load-plan.ts';
import { type PlayedTurn, type Player, requireReply, streamEvents, wrongAnswer } from './player.ts';

export interface TurnledgerPlayerOptions {
  readonly agent: Agent;
  readonly url: string;
  readonly scenarioId: string;
  readonly mode: LoadMode;
  readonly turnsPerSession: number;
  readonly playerId: string;
  readonly readsBack?: boolean;
}

interface TurnAnswer {
  readonly id: string;
  readonly status: string;
  readonly response: string | null;
}

/** The whole turn, from a JSON answer or from the ending of a stream, whose deltas must join to the same reply. */
function turnOf({ status, text }: HttpAnswer, mode: LoadMode): TurnAnswer {
  if (status !== 200) throw wrongAnswer(`status ${status}: ${text.slice(0, 300)}`);
  if (mode === 'json') return JSON.parse(text);
  const events = streamEvents(text);
  const ending = events.at(-1);
  if (ending?.name !== 'turn.completed')
    throw wrongAnswer(`the stream ended with ${ending?.name}: ${ending?.data.slice(0, 300)}`);
  const turn: TurnAnswer = JSON.parse(ending.data);
  const deltas = events.flatMap(({ name, data }) => (name === 'reply.delta' ? [JSON.parse(data).text] : []));
  if (deltas.join('') !== turn.response) throw wrongAnswer(`the deltas were ${JSON.stringify(deltas).slice(0, 300)}`);
  return turn;
}

/**
 * Plays against Turnledger; not by the typed client, since what a request costs its generator must be the same for every contender, and both
 * share two cores with what is measured. Opening a session is not part of a turn's time, but of the round's: we pay for it in our rate, which no
 * gateway has to.
 */
export function turnledgerPlayer(options: TurnledgerPlayerOptions): Player {
  const { agent, scenarioId, mode, turnsPerSession, playerId, readsBack = false } = options;
  const url = new URL(options.url);
  const mark = mode === 'sse' ? /event: reply\.delta\n/ : undefined;
  let path = '';
  let turns = 0;

  const openSession = async () => {
    const body = { scenario_id: scenarioId, player_id: playerId };
    const headers = { 'idempotency-key': `"${randomUUID()}"` };
    const { status, text } = await postJson({ agent, url, path: '/v1/sessions', headers, body });
    if (status !== 201 && status !== 200) throw wrongAnswer(`opening a session: ${status} ${text.slice(0, 300)}`);
    path = `/v1/sessions/${JSON.parse(text).id}/turns`;
    turns = 0;
  };

  /** Long after its first turn, so the views have it. */
  const readBack = async () => {
    const { status, text } = await getText({ agent, url, path });
    if (status !== 200 || JSON.parse(text).data.length === 0)
      throw wrongAnswer(`reading a session back: ${status} ${text.slice(0, 300)}`);
  };

  return {
    async play(prompt): Promise<PlayedTurn> {
      if (readsBack && turns >= turnsPerSession) await readBack();
      if (path === '' || turns >= turnsPerSession) await openSession();
      turns += 1;
      const body = mode === 'sse' ? { prompt, stream: true } : { prompt };
      const headers = { 'idempotency-key': `"${randomUUID()}"` };
      const askedAtMs = clock.nowMs();
      const answer = await postJson({ agent, url, path, headers, body, ...(mark && { mark }) });
      const answeredAtMs = clock.nowMs();
      const turn = turnOf(answer, mode);
      requireReply(turn.response, prompt);
      if (turn.status !== 'completed') throw wrongAnswer(`the turn is ${turn.status}`);
      const { totalMs, markMs: firstDeltaMs = totalMs } = answer;
      return { turnId: turn.id, totalMs, firstDeltaMs, askedAtMs, answeredAtMs };
    },
  };
}
