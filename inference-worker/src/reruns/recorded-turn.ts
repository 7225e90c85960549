import { sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import {
  type CallRecord,
  callIdsOf,
  evolveCallRecord,
  evolveTurnRecord,
  MOVE_INVALID,
  type MoveFigure,
  type PromptManifest,
  type SessionEvent,
  type SessionState,
  type TurnFigures,
  type TurnRecord,
  type TurnState,
  turnIdOf,
} from '@turnledger/shared/domain';
import { openSessionEvents } from '@turnledger/shared/runtime';
import type { WorkerPorts } from '../ports.ts';
import type { ClaimedCall } from './cost-bound.ts';

type Opened<Type extends SessionEvent['type']> = Extract<SessionEvent<'opened'>, { type: Type }>['data'];

/** Everything that was recorded of a turn; texts are null where they are erased. */
export interface RecordedTurn {
  readonly record: TurnRecord<'opened'>;
  readonly requested: Opened<'TurnRequested'>;
  /** The claim of its first attempt; absent where none was made. */
  readonly started?: Opened<'TurnStarted'>;
  /** The claim of the attempt that answered, which may be the same; absent where none did. */
  readonly answered?: Opened<'TurnStarted'>;
  /** Every call that was claimed for it, oldest first. */
  readonly calls: readonly ClaimedCall[];
  readonly figures: TurnFigures;
  /** Whether its reply was taken over from another turn. */
  readonly isReused: boolean;
}

/** Reads a turn with its calls from its session's stream. Throws `store_unavailable`, `invariant_broken` for one that is not there. */
export async function readRecordedTurn(
  { ledger, vault }: Pick<WorkerPorts, 'ledger' | 'vault'>,
  { sessionId, state, turn }: { readonly sessionId: string; readonly state: SessionState; readonly turn: TurnState },
): Promise<RecordedTurn> {
  const { requestedRevision, lastRevision, turnId } = turn;
  const stored = await ledger.sessions.events(sessionStream(sessionId), requestedRevision, lastRevision);
  const opened = await openSessionEvents(stored, vault);
  const { scenarioId, gameId } = state;
  let record: TurnRecord<'opened'> | undefined;
  let requested: Opened<'TurnRequested'> | undefined;
  const claims: Opened<'TurnStarted'>[] = [];
  let isReused = false;
  const calls = new Map<string, CallRecord>();
  for (const [index, event] of opened.entries()) {
    if (turnIdOf(event) !== turnId) continue;
    const { revision = 0, metadata } = stored[index] ?? {};
    const context = { sessionId, scenarioId, revision, recordedAt: metadata?.recordedAt ?? '' };
    record = evolveTurnRecord(record, event, context);
    if (event.type === 'TurnRequested') requested = event.data;
    if (event.type === 'TurnStarted') claims.push(event.data);
    if (event.type === 'TurnReused') isReused = true;
    for (const callId of callIdsOf(event)) {
      const facts = { ...context, callId, gameId, scenarioVersion: turn.scenarioVersion, playerId: undefined };
      const call = evolveCallRecord(calls.get(callId), event, facts);
      if (call) calls.set(callId, call);
    }
  }
  if (!record || !requested) throw new TurnledgerError('invariant_broken', { detail: `turn ${turnId} has no request` });
  const figures = figuresOf(record, turn, [...calls.values()]);
  const [started] = claims;
  const answered = record.status === 'completed' ? claims.at(-1) : undefined;
  return {
    record,
    requested,
    figures,
    isReused,
    calls: claims.flatMap((claim) => claimedCalls(claim, calls)),
    ...(started && { started }),
    ...(answered && { answered }),
  };
}

/**
 * The prompt whose past a turn is asked again after: that of the attempt that answered, which may have been told of a summary or a verdict that
 * came after the first one; of a correction, which shows its own failure besides, and where none answered, the first. Undefined where none was made.
 */
export function promptToRepeat({ started, answered }: RecordedTurn): PromptManifest | undefined {
  return answered && answered.prompt.correctionOfAttempt === undefined ? answered.prompt : started?.prompt;
}

const claimedCalls = (
  { calls, prompt }: Opened<'TurnStarted'>,
  records: ReadonlyMap<string, CallRecord>,
): readonly ClaimedCall[] =>
  calls.map((call) => {
    const costMicroUsd = records.get(call.callId)?.costMicroUsd;
    return { call, prompt, ...(costMicroUsd !== undefined && { costMicroUsd }) };
  });

/** Tokens and money are of all calls; the times are those of the call that answered. */
function figuresOf(record: TurnRecord<'opened'>, turn: TurnState, calls: readonly CallRecord[]): TurnFigures {
  const { status, attempts, model, firstTokenMs, durationMs } = record;
  const cost = sumOf(calls.map(({ costMicroUsd }) => costMicroUsd));
  const input = sumOf(calls.map(({ usage }) => usage?.input));
  const output = sumOf(calls.map(({ usage }) => usage?.output));
  return {
    status,
    attempts,
    move: moveFigure(record, turn),
    ...(model !== undefined && { model }),
    ...(input !== undefined && { inputTokens: input }),
    ...(output !== undefined && { outputTokens: output }),
    ...(cost !== undefined && { costMicroUsd: cost }),
    ...(firstTokenMs !== undefined && { firstTokenMs }),
    ...(durationMs !== undefined && { durationMs }),
  };
}

function moveFigure({ errorCode }: TurnRecord<'opened'>, { move }: TurnState): MoveFigure {
  if (errorCode === MOVE_INVALID) return 'invalid';
  if (!move) return 'none';
  return move.verdict === 'none' ? 'unjudged' : move.verdict;
}

/** Undefined where there is nothing to sum, or one of them is not known. */
const sumOf = (figures: readonly (number | undefined)[]): number | undefined =>
  figures.length === 0
    ? undefined
    : figures.reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0);
