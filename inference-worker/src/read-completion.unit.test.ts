import { describe, expect, jest, test } from '@jest/globals';
import { limits } from '@turnledger/shared/contracts';
import {
  endsWell,
  ManualClock,
  type ModelStep,
  modelRequest,
  ProgrammedModel,
  sampleCallId,
  sampleModelUsage,
  says,
} from '@turnledger/shared/testing';
import { type CallDeadlines, readCompletion } from './read-completion.ts';

const { idleTimeoutMs, maxReplyBytes } = limits.worker;
const hold: ModelStep = { kind: 'hold' };
const hang: ModelStep = { kind: 'hang' };

/** Starts a call over a clock that stands still; `held(n)` awaits that the model has reached its n-th hold. */
function startCall(
  program: readonly ModelStep[],
  deadlines: Partial<CallDeadlines> = {},
  signal = new AbortController().signal,
) {
  const clock = new ManualClock();
  const model = new ProgrammedModel(program);
  const heard: string[] = [];
  const limitsOfCall = { firstTokenMs: 10_000, totalMs: 30_000, ...deadlines };
  const completion = readCompletion(
    { model, callId: sampleCallId, clock },
    modelRequest(),
    limitsOfCall,
    signal,
    (text) => heard.push(text),
  );
  const called = async () => (await model.calls.until(1))[0];
  const held = async (count: number) => {
    const call = await called();
    await call?.holding.until(count);
    return call;
  };
  return { clock, model, heard, completion, called, held };
}

/** Lets everything that is ready run. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('readCompletion', () => {
  test('a reply is the texts in order, with the model’s own ending', async () => {
    const { completion, heard } = startCall([...says('Who ', 'asks?'), endsWell]);
    expect(await completion).toMatchObject({ kind: 'completed', text: 'Who asks?', ending: { finishReason: 'stop' } });
    expect(heard).toEqual(['Who ', 'asks?']);
  });

  test('first token and duration count from the request', async () => {
    const { clock, completion, held } = startCall([hold, ...says('Aye.'), hold, endsWell]);
    await held(1);
    await clock.advanceBy(120);
    (await held(1))?.release();
    await held(2);
    await clock.advanceBy(300);
    (await held(2))?.release();
    expect(await completion).toMatchObject({ ttftMs: 120, durationMs: 420 });
  });

  test('no text within the first-token deadline is a time-out of that phase', async () => {
    const { clock, completion, held } = startCall([hold], { firstTokenMs: 2_000 });
    await held(1);
    await clock.advanceBy(2_000);
    expect(await completion).toMatchObject({ kind: 'timed_out', phase: 'first_token', partial: '', elapsedMs: 2_000 });
  });

  test('an empty delta is no first token', async () => {
    const { clock, completion, held } = startCall([...says(''), hold], { firstTokenMs: 2_000 });
    await held(1);
    await clock.advanceBy(2_000);
    expect(await completion).toMatchObject({ phase: 'first_token' });
  });

  test('a model that falls silent in its reply has failed, with what it had said', async () => {
    const { clock, completion, held } = startCall([...says('I was '), hold]);
    await held(1);
    await clock.advanceBy(idleTimeoutMs);
    expect(await completion).toEqual({ kind: 'failed', code: 'model_timeout', partial: 'I was ' });
  });

  test('the idle deadline holds also where the first-token deadline is later', async () => {
    const { clock, completion, held } = startCall([...says('I was '), hold], { firstTokenMs: 25_000 });
    await held(1);
    await clock.advanceBy(idleTimeoutMs);
    expect(await completion).toMatchObject({ kind: 'failed', code: 'model_timeout' });
  });

  test('each text starts the idle time anew', async () => {
    const program = [...says('one '), hold, ...says('two '), hold, ...says('three'), hold, endsWell];
    const { clock, completion, held } = startCall(program, { totalMs: 60_000 });
    for (const count of [1, 2, 3]) {
      const call = await held(count);
      await clock.advanceBy(idleTimeoutMs - 1);
      call?.release();
    }
    expect(await completion).toMatchObject({ kind: 'completed', text: 'one two three' });
  });

  test('the total deadline cuts a reply that keeps coming', async () => {
    const program = [...says('one '), hold, ...says('two '), hold];
    const { clock, completion, held } = startCall(program, { totalMs: 9_000 });
    const call = await held(1);
    await clock.advanceBy(8_000);
    call?.release();
    await held(2);
    await clock.advanceBy(1_000);
    expect(await completion).toMatchObject({
      kind: 'timed_out',
      phase: 'total',
      partial: 'one two ',
      elapsedMs: 9_000,
    });
  });

  test('a total deadline before the first-token deadline is the total one', async () => {
    const { clock, completion, held } = startCall([hold], { firstTokenMs: 5_000, totalMs: 1_000 });
    await held(1);
    await clock.advanceBy(1_000);
    expect(await completion).toMatchObject({ kind: 'timed_out', phase: 'total' });
  });

  test('no time left at all is a time-out, not a hang', async () => {
    expect(await startCall([hang], { totalMs: 0 }).completion).toMatchObject({ kind: 'timed_out', phase: 'total' });
  });

  test('an abort ends the call at once, with what was said', async () => {
    const abort = new AbortController();
    const { completion, held } = startCall([...says('I was '), hold], {}, abort.signal);
    const call = await held(1);
    abort.abort();
    expect(await completion).toEqual({ kind: 'aborted', partial: 'I was ' });
    expect(call?.signal.aborted).toBe(true);
  });

  test('a call whose signal has aborted before is not made', async () => {
    const { completion, model } = startCall([...says('Aye.'), endsWell], {}, AbortSignal.abort());
    expect(await completion).toEqual({ kind: 'aborted', partial: '' });
    expect(model.calls.all).toHaveLength(0);
  });

  test('an ending that comes with the abort is not a reply', async () => {
    const abort = new AbortController();
    const { completion, held } = startCall([...says('Aye.'), hold, endsWell], {}, abort.signal);
    const call = await held(1);
    call?.release();
    abort.abort();
    expect(await completion).toMatchObject({ kind: 'aborted' });
  });

  test('an iterator that is over without an ending was cut', async () => {
    expect(await startCall(says('I was at the ')).completion).toEqual({
      kind: 'failed',
      code: 'model_stream_cut',
      partial: 'I was at the ',
    });
  });

  test.each([
    ['nothing', []],
    ['blanks alone', says(' \n')],
  ])('an ending after %s is no reply, and what was billed is kept', async (_name, texts) => {
    expect(await startCall([...texts, endsWell]).completion).toMatchObject({
      kind: 'failed',
      code: 'model_empty',
      usage: sampleModelUsage,
    });
  });

  test('a failure the model names is passed on whole', async () => {
    const failed = { kind: 'failed', code: 'model_rate_limited', providerStatus: 429, retryAfterMs: 1_000 } as const;
    expect(await startCall([...says('I'), failed]).completion).toEqual({ ...failed, partial: 'I' });
  });

  test('a model that throws has failed like one that was cut', async () => {
    expect(await startCall([...says('I was '), { kind: 'throw' }]).completion).toMatchObject({
      kind: 'failed',
      code: 'model_stream_cut',
      partial: 'I was ',
    });
  });

  test.each([
    ['ASCII', 'a'],
    ['three bytes a letter', '語'],
    ['letters that JSON writes as six', '\u0001'],
  ])('a reply of %s over the bound has failed, and no more than the bound is kept', async (_name, letter) => {
    const text = letter.repeat(50_000);
    const { completion } = startCall([...says(...Array.from({ length: 30 }, () => text)), endsWell]);
    const done = await completion;
    expect(done).toMatchObject({ kind: 'failed', code: 'model_body_too_large' });
    const kept = done.kind === 'failed' ? done.partial : '';
    expect(Buffer.byteLength(JSON.stringify(kept)) - 2).toBeLessThanOrEqual(maxReplyBytes);
  });

  test('one delta beyond the bound is not kept', async () => {
    const { completion } = startCall([...says('I ', 'x'.repeat(maxReplyBytes + 1)), endsWell]);
    const done = await completion;
    expect(done.kind === 'failed' && done.partial.slice(0, 10)).toBe('I ');
  });

  test('a model that ignores its abort signal does not hold the call', async () => {
    const abort = new AbortController();
    const { completion, called } = startCall([...says('I '), hang], {}, abort.signal);
    await called();
    await settle();
    abort.abort();
    expect(await completion).toEqual({ kind: 'aborted', partial: 'I ' });
  });

  test('the call is aborted once it is over, however it ended', async () => {
    const { completion, called } = startCall([...says('Aye.'), endsWell]);
    await completion;
    expect((await called())?.signal.aborted).toBe(true);
  });

  test('a reply of 2,000 deltas takes a few timers, one at a time, and leaves none', async () => {
    const clock = new ManualClock();
    const sleep = jest.spyOn(clock, 'sleep');
    const any = jest.spyOn(AbortSignal, 'any');
    const model = new ProgrammedModel([...says(...Array.from({ length: 2_000 }, () => 'a ')), endsWell]);
    const { signal } = new AbortController();
    const listen = jest.spyOn(signal, 'addEventListener');
    await readCompletion(
      { model, callId: sampleCallId, clock },
      modelRequest(),
      { firstTokenMs: 10_000, totalMs: 30_000 },
      signal,
      () => {
        expect(clock.sleeping).toBeLessThanOrEqual(1);
      },
    );
    const anyCalls = any.mock.calls.length;
    any.mockRestore();
    await settle();
    expect(anyCalls).toBe(0);
    expect(sleep.mock.calls.length).toBeLessThanOrEqual(2);
    expect(listen.mock.calls.length).toBeLessThanOrEqual(2);
    expect(clock.sleeping).toBe(0);
  });
});
