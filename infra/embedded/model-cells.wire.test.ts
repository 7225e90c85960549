import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sessionStream } from '@turnledger/shared/contracts';
import { failureWaits, type ReplyForm, replyForms } from '../twins/model/endpoint-cell.ts';
import { endpointCells } from '../twins/model/endpoint-cells.ts';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { askingTwin, type HttpReply, httpCalls } from './testing/http-calls.ts';
import { type EventRow, eventRows } from './testing/stored-rows.ts';

const FALLBACK = 'Marta looks away.';
const FIRST_TOKEN_MS = 500;
/** Where no deadline is looked at: eighty turns at once have taken longer than 500 ms to their first text. */
const PATIENT_FIRST_TOKEN_MS = 3_500;
const TOTAL_MS = 4_000;
/** As the design has it; 0 to 5 ms were seen on two busy cores (load 4). */
const LATE_MS = 100;
const scenario = {
  scenario_id: 'cells',
  persona: { name: 'Marta' },
  fallback_lines: [FALLBACK],
  retry: { max_attempts: 2 },
  deadlines: { first_token_ms: FIRST_TOKEN_MS, total_ms: TOTAL_MS },
};
const patient = {
  ...scenario,
  scenario_id: 'patient-cells',
  deadlines: { first_token_ms: PATIENT_FIRST_TOKEN_MS, total_ms: TOTAL_MS },
};

/** Tens of megabytes each, so they are played before any deadline is looked at. */
const heavy = new Set(['a line of 64 MiB', 'endless tokens']);
const played = endpointCells.flatMap((cell) => replyForms.map((form) => ({ ...cell, form, outcome: cell[form] })));
type Played = (typeof played)[number];
const isLate = ({ outcome }: Played): boolean => outcome === 'no_first_text' || outcome === 'no_end';
const isFailure = (cell: Played): boolean => cell.outcome !== 'completed' && !isLate(cell);

interface Seen {
  readonly reply: HttpReply;
  readonly events: readonly (Pick<EventRow, 'type' | 'metadata'> & {
    readonly data: { readonly [name: string]: unknown };
  })[];
}

let twin: ModelTwin;
let turnledger: EmbeddedProcess;
const seen = new Map<string, Seen>();
const nameOf = ({ what, form }: { what: string; form: ReplyForm }) => `${what}, ${form}`;

/** Each cell is a session of its own, and chooses its behaviour in its prompt, so that they can be played at once. */
const play = async (cell: Played): Promise<void> => {
  const { behaviour, form } = cell;
  const told = behaviour === 'nobody_listens' ? {} : { ...behaviour, ignoresStream: form === 'whole' };
  const prompt = `Well? [[twin: ${JSON.stringify(told)}]]`;
  const scenario_id = isLate(cell) ? scenario.scenario_id : patient.scenario_id;
  const reply = await httpCalls(turnledger.url).generate({ prompt, scenario_id });
  const rows = await eventRows(turnledger.dataDir, sessionStream(reply.body.session_id));
  const events = rows.map(({ type, data, metadata }) => ({ type, metadata, data: JSON.parse(data) }));
  seen.set(nameOf(cell), { reply, events });
};

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  turnledger = await startEmbeddedProcess({ env: askingTwin(twin) });
  for (const one of [scenario, patient]) await httpCalls(turnledger.url).post('/llm/configure', one);
  for (const cell of played.filter(({ what }) => heavy.has(what))) await play(cell);
  // Apart from the rest, so that what is measured is a deadline and not eighty other turns.
  await Promise.all(played.filter(isLate).map(play));
  const others = played.filter((cell) => !heavy.has(cell.what) && !isLate(cell) && cell.what !== 'nobody listens');
  await Promise.all(others.map(play));
  await twin.close();
  await Promise.all(played.filter(({ what }) => what === 'nobody listens').map(play));
}, 60_000);
afterAll(async () => {
  await endEmbedded();
  await twin.close();
});

const seenOf = (cell: Played): Seen => {
  const found = seen.get(nameOf(cell));
  expect(found).toBeDefined();
  return found ?? ({} as Seen);
};
const typesOf = ({ events }: Seen) => events.slice(2).map(({ type }) => type);

describe('a whole reply', () => {
  test.each(played.filter(({ outcome }) => outcome === 'completed'))('$what, $form', (cell) => {
    const one = seenOf(cell);
    const text = cell.behaviour === 'nobody_listens' ? '' : cell.behaviour.text;
    expect(one.reply).toMatchObject({
      status: 200,
      body: { response: text, finish_reason: cell.finishReason ?? 'stop', attempts: 1 },
    });
    expect(typesOf(one)).toEqual(['TurnStarted', 'TurnCompleted']);
  });
});

describe('a failure', () => {
  test.each(played.filter(isFailure))('$what, $form: $outcome', (cell) => {
    const { outcome, retryAfterMs } = cell;
    const one = seenOf(cell);
    const waitMs = outcome in failureWaits ? failureWaits[outcome as keyof typeof failureWaits] : 'final';
    const isRetried = waitMs !== 'final' && (retryAfterMs ?? 0) < TOTAL_MS;
    const again = ['TurnAttemptFailed', 'TurnStarted'];
    expect(typesOf(one)).toEqual(['TurnStarted', ...(isRetried ? again : []), 'TurnAttemptFailed', 'TurnFailed']);
    expect(one.reply).toMatchObject({
      status: 502,
      body: { code: 'turn_failed', reason: outcome, fallback: FALLBACK },
    });
    expect(one.reply.text).not.toContain('bells');
    const failed = one.events.filter(({ type }) => type === 'TurnAttemptFailed').map(({ data }) => data);
    expect(failed.map(({ code }) => code)).toEqual(failed.map(() => outcome));
    expect(failed.at(-1)).not.toHaveProperty('retryInMs');
    if (!isRetried) return;
    // A date has no milliseconds.
    const [least, most] =
      retryAfterMs === undefined ? [waitMs / 2, waitMs] : [Math.max(0, retryAfterMs - 1_000), retryAfterMs + 1_000];
    expect(failed[0]?.retryInMs).toBeGreaterThanOrEqual(least);
    expect(failed[0]?.retryInMs).toBeLessThanOrEqual(most);
  });
});

describe('a deadline', () => {
  test.each(played.filter(isLate))('$what, $form: $outcome', (cell) => {
    const one = seenOf(cell);
    expect(typesOf(one)).toEqual(['TurnStarted', 'TurnTimedOut', 'AttemptSettled']);
    expect(one.reply).toMatchObject({ status: 504, body: { code: 'turn_timed_out', fallback: FALLBACK } });
    expect(one.reply.text).not.toContain('bells');
    const [phase, dueMs] = cell.outcome === 'no_end' ? ['total', TOTAL_MS] : ['first_token', FIRST_TOKEN_MS];
    const timedOut = one.events.find(({ type }) => type === 'TurnTimedOut');
    expect(timedOut?.data).toMatchObject({ phase });
    // The total counts from the request, on the log's clock; the first token from the call, on the worker's.
    const requested = one.events.find(({ type }) => type === 'TurnRequested');
    const recordedAtMs = (event: typeof timedOut) => Date.parse(event?.metadata.recordedAt ?? '');
    const elapsedMs =
      phase === 'total' ? recordedAtMs(timedOut) - recordedAtMs(requested) : Number(timedOut?.data.elapsedMs);
    expect(elapsedMs).toBeGreaterThanOrEqual(dueMs);
    expect(elapsedMs).toBeLessThan(dueMs + LATE_MS);
  });
});
