import { limits, type StateInput, sessionStream, type TurnInput, TurnledgerError } from '@turnledger/shared/contracts';
import {
  accepted,
  type Expected,
  evolveSession,
  type RequestTurn,
  requestTurn,
  type ScenarioVersion,
  type SessionState,
  type Speaker,
  startSession,
  turnInput,
} from '@turnledger/shared/domain';
import { countTokens, pinnedScenario, textSoFar } from '@turnledger/shared/runtime';
import { admitPlayer } from './admit-player.ts';
import { type AcceptedTurn, appendTurn, type TurnDecision } from './append-turn.ts';
import { derivedTurnId } from './idempotency.ts';
import { patchedState } from './patched-state.ts';
import { actorOf, bodyHmac, planSession, type SessionRequest } from './plan-session.ts';
import type { Requester } from './requester.ts';
import { requireModel } from './require-model.ts';
import type { TurnPorts } from './turn-ports.ts';

/** What of a turn tells two requests apart: what was said and asked, not how the answer is to be delivered. */
interface TurnDraft
  extends Omit<
    RequestTurn,
    'bodyHmac' | 'tokens' | 'deadlineMs' | 'maxTurns' | 'maxRecordedTurns' | 'interruption' | 'state'
  > {
  readonly state?: StateInput;
}

/** Something that happened is told by the game, whichever player it happened to. */
const draftOf = (input: TurnInput, turnId: string, player: Speaker): TurnDraft => {
  const { wantsStream: _delivery, playerId: _outside, ...said } = input;
  return { ...said, turnId, speaker: said.trigger ? { kind: 'game' } : player };
};

/** What the scenario says about every turn. */
const boundsOf = ({ deadlines, turns }: ScenarioVersion) => ({
  deadlineMs: deadlines.totalMs,
  maxTurns: turns.maxTurns,
  maxRecordedTurns: limits.session.maxRecordedTurns,
});

/**
 * Decides on a turn, and only where it may be asked for on the state that it brings: a key that is known answers as it did, whatever its
 * patch would come to by now.
 */
async function decideTurn(
  ports: TurnPorts,
  sessionId: string,
  { state: brought, ...turn }: Omit<RequestTurn, 'state'> & Pick<TurnDraft, 'state'>,
  session: SessionState,
): Promise<TurnDecision> {
  const decision = requestTurn(turn, session);
  if (brought === undefined || decision.outcome !== 'accepted') return decision;
  const state = 'data' in brought ? brought : await patchedState(ports, sessionId, session, brought);
  return 'outcome' in state ? state : requestTurn({ ...turn, state }, session);
}

const playerIdOf = (speaker: Speaker) => (speaker.kind === 'player' ? speaker.playerId : undefined);

const tokensOf = (draft: TurnDraft) => countTokens(turnInput(draft.text, draft.trigger) ?? '');

/** Asks for a turn in a session of its own; session and turn are one append. */
export async function requestTurnInNewSession(
  ports: TurnPorts,
  input: TurnInput,
  session: SessionRequest,
  requester: Requester,
): Promise<AcceptedTurn> {
  const { sessionId, start, speaker, scenario } = await planSession(ports, session, requester);
  const draft = draftOf(input, derivedTurnId(sessionId, requester.key.value), speaker);
  await requireModel(ports, sessionId, draft, scenario);
  const hmac = await bodyHmac(ports, start.keyId, draft);
  const turn = { ...draft, ...boundsOf(scenario), bodyHmac: hmac, tokens: await tokensOf(draft) };
  const { turnId, deadlineMs } = turn;
  const entering = { sessionId, turnId, deadlineMs, playerId: playerIdOf(speaker) };
  return appendTurn(ports, entering, requester, actorOf(requester.role, speaker, draft.speaker), async (state) => {
    if (state.status !== 'none') return decideTurn(ports, sessionId, turn, state);
    const started = startSession({ ...start, bodyHmac: hmac }, state);
    if (started.outcome !== 'accepted') return started;
    const requested = await decideTurn(ports, sessionId, turn, started.events.reduce(evolveSession, state));
    return requested.outcome === 'accepted' ? accepted(started.events[0], ...requested.events) : requested;
  });
}

/** A turn's session, and what the client believes of it. */
export interface TargetSession {
  readonly sessionId: string;
  readonly gameId?: string | undefined;
  readonly scenarioId?: string | undefined;
  readonly expectedRevision?: Expected | undefined;
}

/**
 * Asks for a turn in a session that is there; where its scenario interrupts, in the place of the one that is open. Throws
 * `session_not_found` also for one of another game.
 */
export async function requestTurnInSession(
  ports: TurnPorts,
  input: TurnInput,
  { sessionId, gameId, scenarioId, expectedRevision }: TargetSession,
  requester: Requester,
): Promise<AcceptedTurn> {
  const state = await ports.ledger.sessions.load(sessionStream(sessionId), Number.POSITIVE_INFINITY);
  if (state.status === 'none') throw new TurnledgerError('session_not_found');
  if (gameId !== undefined && gameId !== state.gameId) throw new TurnledgerError('session_not_found');
  if (scenarioId !== undefined && scenarioId !== state.scenarioId) {
    const fields = [{ pointer: '/scenario_id', message: 'is not the scenario of this session' }];
    throw new TurnledgerError('request_invalid', { fields, detail: 'the session plays another scenario' });
  }
  const scenario = await pinnedScenario(ports.ledger, state);
  const player = await playerIn(ports, input, state, requester);
  const draft = draftOf(input, derivedTurnId(sessionId, requester.key.value), player);
  await requireModel(ports, sessionId, draft, scenario);
  const hmac = await bodyHmac(ports, state.keyId, draft);
  const turn = {
    ...draft,
    bodyHmac: hmac,
    tokens: await tokensOf(draft),
    ...(expectedRevision !== undefined && { expectedRevision }),
  };
  const actor = actorOf(requester.role, player, draft.speaker);
  const entering = { sessionId, turnId: turn.turnId, playerId: playerIdOf(player), ...boundsOf(scenario) };
  return appendTurn(ports, entering, requester, actor, async (now) => {
    // The session may have been reconfigured since it was looked at.
    const played = now.status === 'none' ? scenario : await pinnedScenario(ports.ledger, now);
    if (played !== scenario) await requireModel(ports, sessionId, draft, played);
    const interruption = played.turns.onBusy === 'interrupt' && (await interruptionOf(ports, now, actor));
    return decideTurn(ports, sessionId, { ...turn, ...boundsOf(played), ...(interruption && { interruption }) }, now);
  });
}

/** What cancels the open turn of a session in favour of another, with what its readers have seen of the reply. */
async function interruptionOf(ports: TurnPorts, { openTurnId }: SessionState, by: string) {
  if (openTurnId === undefined) return undefined;
  // Not the request's own signal: a client that leaves now must not cut short what is recorded.
  const partial = await textSoFar(ports, openTurnId, new AbortController().signal);
  return partial === undefined ? { by } : { by, partial };
}

/** Who plays: the player named, else the only player of the session, else the game. A stranger is told so, and is not made known. */
async function playerIn(
  ports: TurnPorts,
  input: TurnInput,
  state: SessionState,
  requester: Requester,
): Promise<Speaker> {
  const players = state.participants.filter((one) => one.kind === 'player');
  if (input.playerId !== undefined) {
    const found = await ports.vault.findPlayer(input.playerId);
    if (!found) throw new TurnledgerError('player_not_in_session');
    const { playerId } = await admitPlayer(ports, input.playerId, requester);
    // A trigger is told by the game, whom no rule keeps out of the session of a player it has nothing to do with.
    const isStranger = players.every((one) => one.playerId !== playerId);
    if (input.trigger && isStranger) throw new TurnledgerError('player_not_in_session');
    return { kind: 'player', playerId };
  }
  const [only] = players;
  return only && players.length === 1 ? { kind: 'player', playerId: only.playerId } : { kind: 'game' };
}
