import { TurnledgerError } from '@turnledger/shared/contracts';

/** A turn that was answered as it should be. */
export interface PlayedTurn {
  /** Absent where the target names none. */
  readonly turnId?: string;
  readonly totalMs: number;
  readonly firstDeltaMs: number;
  /** When it was asked and answered, whole milliseconds since the epoch; absent where the target names no turn. */
  readonly askedAtMs?: number;
  readonly answeredAtMs?: number;
}

/** One client of one target: speaks, waits, checks. */
export interface Player {
  /** Says one thing in its conversation. Rejects when the answer is not exactly the one that the twin gives to this prompt. */
  play(prompt: string): Promise<PlayedTurn>;
}

/** The twin repeats the last message, so an answer to somebody else, an old one and a cut one are all told apart. */
export function requireReply(reply: unknown, prompt: string): asserts reply is string {
  if (typeof reply === 'string' && reply.endsWith(`heard: ${prompt}`)) return;
  throw wrongAnswer(`the reply to "${prompt}" was ${JSON.stringify(reply)?.slice(0, 200)}`);
}

export const wrongAnswer = (detail: string) => new TurnledgerError('invariant_broken', { detail });

/** The data of each event of a text/event-stream, with the event's name where it has one. */
export function streamEvents(text: string): readonly { readonly name: string; readonly data: string }[] {
  return text.split('\n\n').flatMap((frame) => {
    const lines = frame.split('\n');
    const field = (name: string) => lines.find((line) => line.startsWith(name))?.slice(name.length);
    const data = field('data: ');
    return data === undefined ? [] : [{ name: field('event: ') ?? '', data }];
  });
}
