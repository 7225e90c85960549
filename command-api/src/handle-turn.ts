import { sessionStream, type TurnInput, TurnledgerError } from '@turnledger/shared/contracts';
import {
  accepted,
  evolveSession,
  type RequestTurn,
  requestTurn,
  type SessionState,
  type Speaker,
  startSession,
} from '@turnledger/shared/domain';
import { countTokens } from '@turnledger/shared/runtime';
import { admitPlayer } from './admit-player.ts';
import { derivedTurnId } from './idempotency.ts';
import { withRetryAdvice } from './outcome-unknown.ts';
import { actorOf, bodyHmac, type Caller, planSession, type SessionRequest } from './plan-session.ts';
import type { CommandPorts } from './ports.ts';
import { requireModel } from './require-model.ts';
import { pinnedScenario } from './scenario-version.ts';

/** A turn that is in the log, with what is needed to wait for it. */
export interface AcceptedTurn {
  readonly sessionId: string;
  readonly turnId: string;
  readonly revision: number;
  readonly deadlineMs: number;
  /** True when the key had asked for this turn before. */
  readonly isReplay: boolean;
}

type TurnDraft = Omit<RequestTurn, 'bodyHmac' | 'tokens'>;

const draftOf = (
  input: TurnInput,
  plan: { turnId: string; speaker: Speaker; totalMs: number; maxTurns: number },
): TurnDraft => {
  const { wantsStream: _delivery, playerId: _outside, ...said } = input;
  return { ...said, turnId: plan.turnId, speaker: plan.speaker, deadlineMs: plan.totalMs, maxTurns: plan.maxTurns };
};

/** What of a turn tells two requests apart: what was said and asked, not how the answer is to be delivered. */
const hashedPart = ({ deadlineMs: _deadline, maxTurns: _limit, ...said }: TurnDraft) => said;

/** Asks for a turn in a session of its own; session and turn are one append. */
export async function requestTurnInNewSession(
  ports: CommandPorts,
  input: TurnInput,
  session: SessionRequest,
  caller: Caller,
): Promise<AcceptedTurn> {
  const plan = await planSession(ports, session, caller);
  const { sessionId, start, speaker } = plan;
  const draft = draftOf(input, { ...plan, turnId: derivedTurnId(sessionId, caller.key.value) });
  await requireModel(ports, sessionId, draft, plan.modelNames);
  const hmac = await bodyHmac(ports, start.keyId, hashedPart(draft));
  const turn = { ...draft, bodyHmac: hmac, tokens: await countTokens(input.text) };
  return append(ports, sessionId, turn, caller, actorOf(speaker), (state) => {
    if (state.status !== 'none') return requestTurn(turn, state);
    const started = startSession({ ...start, bodyHmac: hmac }, state);
    if (started.outcome !== 'accepted') return started;
    const requested = requestTurn(turn, started.events.reduce(evolveSession, state));
    return requested.outcome === 'accepted' ? accepted(started.events[0], ...requested.events) : requested;
  });
}

/** Asks for a turn in a session that is there. Throws `session_not_found` also for one of another game. */
export async function requestTurnInSession(
  ports: CommandPorts,
  input: TurnInput,
  target: {
    readonly sessionId: string;
    readonly gameId?: string | undefined;
    readonly scenarioId?: string | undefined;
  },
  caller: Caller,
): Promise<AcceptedTurn> {
  const { sessionId } = target;
  const state = await ports.ledger.sessions.load(sessionStream(sessionId), Number.POSITIVE_INFINITY);
  if (state.status === 'none') throw new TurnledgerError('session_not_found');
  if (target.gameId !== undefined && target.gameId !== state.gameId) throw new TurnledgerError('session_not_found');
  if (target.scenarioId !== undefined && target.scenarioId !== state.scenarioId) {
    const fields = [{ pointer: '/scenario_id', message: 'is not the scenario of this session' }];
    throw new TurnledgerError('request_invalid', { fields, detail: 'the session plays another scenario' });
  }
  const scenario = await pinnedScenario(ports.ledger, state);
  const speaker = await speakerOf(ports, input, state, caller);
  const draft = draftOf(input, {
    turnId: derivedTurnId(sessionId, caller.key.value),
    speaker,
    totalMs: scenario.deadlines.totalMs,
    maxTurns: scenario.turns.maxTurns,
  });
  await requireModel(
    ports,
    sessionId,
    draft,
    scenario.models.map(({ name }) => name),
  );
  const hmac = await bodyHmac(ports, state.keyId, hashedPart(draft));
  const turn = { ...draft, bodyHmac: hmac, tokens: await countTokens(input.text) };
  return append(ports, sessionId, turn, caller, actorOf(speaker), (now) => requestTurn(turn, now));
}

/** Who speaks: the player named, else the only player of the session, else the game. A stranger is told so, and is not made known. */
async function speakerOf(ports: CommandPorts, input: TurnInput, state: SessionState, caller: Caller): Promise<Speaker> {
  if (input.playerId !== undefined) {
    const found = await ports.vault.findPlayer(input.playerId);
    if (!found) throw new TurnledgerError('player_not_in_session');
    const { playerId } = await admitPlayer(ports, input.playerId, { actor: 'game', correlationId: caller.traceId });
    return { kind: 'player', playerId };
  }
  const players = state.participants.filter((one) => one.kind === 'player');
  const [only] = players;
  return only && players.length === 1 ? { kind: 'player', playerId: only.playerId } : { kind: 'game' };
}

async function append(
  ports: CommandPorts,
  sessionId: string,
  turn: RequestTurn,
  caller: Caller,
  actor: string,
  decide: (state: SessionState) => ReturnType<typeof requestTurn>,
): Promise<AcceptedTurn> {
  const { turnId, deadlineMs } = turn;
  try {
    const result = await ports.ledger.sessions.transact(sessionStream(sessionId), decide, {
      context: { actor, correlationId: caller.traceId },
      likelyNew: true,
    });
    if (result.outcome === 'refused') {
      const members = result.turnId === undefined ? {} : { turn_id: result.turnId };
      throw new TurnledgerError(result.reason, { members });
    }
    return { sessionId, turnId, deadlineMs, revision: result.revision, isReplay: result.outcome === 'unchanged' };
  } catch (thrown) {
    throw withRetryAdvice(thrown, caller.key, { turn_id: turnId, session_id: sessionId });
  }
}
