import { PlayedWorker } from './played-worker.ts';
import type { TurnFate } from './turn-script.ts';
import type { PlayedEnding, PlayPorts, TurnStage } from './turn-stage.ts';

/** How many letters of a reply had been said when it was cut short. */
const PARTIAL_CHARS = 8;

/** Plays a requested turn to its ending. */
export async function playToEnding(ports: PlayPorts, stage: TurnStage, fate: TurnFate): Promise<PlayedEnding> {
  const { turnId, fallback } = stage;
  const worker = new PlayedWorker(ports, stage);
  const reply = `Answer to ${turnId}.`;
  const ended = (status: PlayedEnding['status'], said: Partial<PlayedEnding> = {}): PlayedEnding => ({
    status,
    attempts: worker.attempts,
    reply: null,
    fallback: null,
    remembered: undefined,
    ...said,
  });
  const spoken = { fallback, remembered: fallback };
  const completed = async () => {
    await worker.complete(reply);
    return ended('completed', { reply, remembered: reply });
  };

  if (fate === 'cancelled_early') {
    await worker.cancel();
    return ended('cancelled');
  }
  await worker.claim();
  if (fate === 'lost_then_completed') {
    await worker.die();
    await worker.claim(true);
  }
  await worker.call();
  switch (fate) {
    case 'failed':
      await worker.failAttempt({ fallback });
      return ended('failed', spoken);
    case 'cancelled_midway': {
      const partial = reply.slice(0, PARTIAL_CHARS);
      await worker.cancel(partial);
      await worker.settle();
      return ended('cancelled', { reply: partial, remembered: `${partial} — (interrupted)` });
    }
    case 'superseded': {
      const partial = reply.slice(0, PARTIAL_CHARS);
      await stage.onSuperseded(partial);
      await worker.settle();
      return ended('cancelled', { reply: partial, remembered: `${partial} — (interrupted)` });
    }
    case 'timed_out':
      await worker.timeOut(fallback);
      await worker.settle();
      return ended('timed_out', spoken);
    case 'lost_to_the_end':
      await worker.die();
      await worker.claim(true);
      await worker.call();
      await worker.die();
      await worker.claim(true);
      return ended('failed', spoken);
    case 'retried':
      await worker.failAttempt({ retryInMs: 50 });
      await worker.claim();
      await worker.call();
      return completed();
    default:
      return completed();
  }
}
