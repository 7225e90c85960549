import fc from 'fast-check';
import {
  bookmarkSession,
  cancelTurn,
  claimTurn,
  completeTurn,
  type Decision,
  endSession,
  evolveSession,
  failAttempt,
  failTurn,
  forkSession,
  initialSession,
  judgeMove,
  reconfigureSession,
  requestTurn,
  rewindSession,
  type SessionEvent,
  type SessionState,
  settleOnly,
  startSession,
  timeOutTurn,
  turnOf,
} from '../domain/index.ts';
import { deepFreeze } from './deep-freeze.ts';
import {
  sampleBookmark,
  sampleClaim,
  sampleCompletion,
  sampleCost,
  sampleFailure,
  sampleFork,
  samplePlannedCall,
  sampleRequest,
  sampleRewind,
  sampleStart,
  sampleUsage,
} from './sample-commands.ts';
import { decideSummaryStep, stepInheritedTurns, summaryStepKinds } from './summary-steps.ts';

export { stepInheritedTurns } from './summary-steps.ts';

/** UUIDs of which two share a leaf of the turn index. */
const turnIds = ['a1-0c41', 'a2-0c41', 'b3-9d07', 'c4-11ff', 'd5-e0e0', 'e6-77aa', 'f7-0c41', '18-31c0', '29-5b5b'].map(
  (tail) => `0198c0de-0000-7000-8000-0000${tail}`,
);

const step = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('request', 'claim', 'complete', 'fail_attempt') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'settle',
        'cancel',
        'time_out',
        'fail',
        'start',
        'interrupt',
        'reconfigure',
        'judge',
        'rewind',
        'rewind_to_start',
        'bookmark',
      ),
    },
    { weight: 3, arbitrary: fc.constantFrom('takeover', 'retry', 'late') },
    { weight: 1, arbitrary: fc.constantFrom(...summaryStepKinds) },
  ),
  turn: fc.nat({ max: turnIds.length - 1 }),
  /** How far the attempt a command names is from the right one; mostly right, or few commands would do anything. */
  attemptsOff: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-2, -1, 1) }),
  callsOff: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-1, 1) }),
  isOdd: fc.boolean(),
});

/** One command that somebody may send at any time, right or wrong. */
export type SessionStep =
  | (typeof step extends fc.Arbitrary<infer Step> ? Step : never)
  | { readonly kind: 'end_session' }
  | { readonly kind: 'fork_session' };

const steps = fc.array(
  fc.oneof({ weight: 150, arbitrary: step }, { weight: 1, arbitrary: fc.constant({ kind: 'end_session' } as const) }),
  { minLength: 40, maxLength: 120, size: 'max' },
);

/** Commands in any order, to a session that mostly goes on: one in some 150 commands ends it. One session in four is a fork. */
export const sessionSteps: fc.Arbitrary<readonly SessionStep[]> = fc
  .tuple(fc.nat({ max: 3 }), steps)
  .map(([drawn, all]) => (drawn === 0 ? [{ kind: 'fork_session' } as const, ...all] : all));

/** Two, so that takeovers and failures that leave no attempt come often. */
export const stepMaxAttempts = 2;

/** What the domain decides on a step. */
function decideStep(one: SessionStep, state: SessionState): Decision<SessionEvent<'plain'>, string> {
  if (one.kind === 'fork_session') return forkSession(sampleFork({ gameId: 'noir' }), state);
  if (one.kind === 'end_session') return endSession({ outcome: 'drawn', by: 'game', actor: 'game' }, state);
  const { turn, attemptsOff, callsOff, isOdd } = one;
  // Half of the steps are about the open turn, if there is one, so that turns go far.
  const turnId = (isOdd ? state.openTurnId : undefined) ?? turnIds[turn] ?? '';
  const newest = turnOf(state, turnId)?.attempt ?? 0;
  const attempt = newest + attemptsOff;
  const callId = `call ${attempt + callsOff} of ${turnId}`;
  const claim = sampleClaim({
    turnId,
    attempt: attempt + 1,
    worker: `worker-${turn}`,
    calls: [samplePlannedCall(`call ${attempt + 1} of ${turnId}`)],
    maxAttempts: stepMaxAttempts,
  });
  const failure = sampleFailure({ turnId, attempt, callId, ...(isOdd && { usage: sampleUsage, cost: sampleCost }) });
  switch (one.kind) {
    case 'start':
      return startSession(sampleStart({ gameId: 'noir' }), state);
    case 'request':
      return requestTurn(
        sampleRequest({
          turnId: turnIds[turn] ?? '',
          maxTurns: 5,
          bodyHmac: `hmac ${attemptsOff}`,
          ...(isOdd && { state: { rev: turn, data: { door: 'open' } } }),
        }),
        state,
      );
    case 'interrupt':
      return requestTurn(
        sampleRequest({
          turnId: turnIds[turn] ?? '',
          maxTurns: 5,
          bodyHmac: `hmac ${attemptsOff}`,
          interruption: isOdd ? { by: 'game', partial: 'Half of' } : { by: 'game' },
        }),
        state,
      );
    case 'rewind': {
      const rewindId = `rewind ${state.revision}`;
      // One rewind in four means a turn that a fork began with; a session that is none refuses it.
      const inheritedId = isOdd ? stepInheritedTurns[turn] : undefined;
      if (inheritedId === undefined)
        return rewindSession(sampleRewind({ rewindId, toTurnId: turnIds[turn] ?? '' }), state);
      const inherited = state.lineage.length > 0 ? { turnId: inheritedId, position: turn + 1 } : undefined;
      return rewindSession(sampleRewind({ rewindId, toTurnId: inheritedId, ...(inherited && { inherited }) }), state);
    }
    case 'rewind_to_start':
      return rewindSession(sampleRewind({ rewindId: `rewind ${isOdd ? state.revision : 0}`, reason: 'again' }), state);
    case 'bookmark':
      return bookmarkSession(sampleBookmark({ bookmarkId: `bookmark ${state.revision}`, label: 'here' }), state);
    case 'reconfigure':
      return reconfigureSession({ scenarioVersion: turn + 1, ...(isOdd && { reason: 'softer' }) }, state);
    case 'claim':
      return claimTurn(claim, state);
    case 'takeover':
      return claimTurn({ ...claim, holderIsLost: true, ...(isOdd && { fallback: 'The wind howls.' }) }, state);
    case 'complete':
      return completeTurn(sampleCompletion({ turnId, attempt, callId, ...(isOdd && { move: { verb: 'go' } }) }), state);
    case 'late':
      return completeTurn(
        sampleCompletion({ turnId, attempt: attempt - 1, callId: `call ${attempt - 1} of ${turnId}` }),
        state,
      );
    case 'retry':
      return failAttempt({ ...failure, retryInMs: 250 }, state);
    case 'fail_attempt':
      return failAttempt(newest < stepMaxAttempts ? { ...failure, retryInMs: 0 } : failure, state);
    case 'judge':
      return judgeMove(
        {
          turnId,
          verdict: isOdd
            ? { verdict: 'accepted', stateRev: turn }
            : { verdict: 'rejected', reason: 'The door is locked.' },
          recordedReason: 'The door is locked.',
        },
        state,
      );
    case 'settle':
      return settleOnly({ turnId, attempt, callId, usage: sampleUsage, cost: sampleCost }, state);
    case 'cancel':
      return cancelTurn({ turnId, by: 'game', reason: 'requested' }, state);
    case 'time_out':
      return timeOutTurn({ turnId, phase: 'total', elapsedMs: 30_000, ...(isOdd && { attempt }) }, state);
    case 'summarise':
    case 'summary_done':
    case 'summary_failed':
    case 'summary_late':
      return decideSummaryStep({ kind: one.kind, turn, isOdd }, state);
    case 'fail':
      return failTurn({ turnId, code: 'key_unknown', stage: 'prompt' }, state);
  }
}

export interface SessionRun {
  readonly events: readonly SessionEvent<'plain'>[];
  readonly state: SessionState;
}

/** Decides on every step in turn and folds what was accepted; every state and event is deeply frozen on the way. */
export function runSteps(steps: readonly SessionStep[]): SessionRun {
  const events: SessionEvent<'plain'>[] = [];
  let state = deepFreeze(initialSession);
  const isFork = steps[0]?.kind === 'fork_session';
  const start = { kind: 'start', turn: 0, attemptsOff: 0, callsOff: 0, isOdd: false } as const;
  for (const one of isFork ? steps : [start, ...steps]) {
    const decision = deepFreeze(decideStep(one, state));
    if (decision.outcome !== 'accepted') continue;
    for (const event of decision.events) {
      events.push(event);
      state = deepFreeze(evolveSession(state, event));
    }
  }
  return { events, state };
}
