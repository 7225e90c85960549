import type { HttpAsk } from './http-answers.ts';
import { type AnswerBody, send } from './http-answers.ts';

/** What a reader of a turn's stream has; survives a cut, and goes on where it was. */
export interface StreamedTurn {
  lastId: number;
  turnId: string | undefined;
  logPosition: string | undefined;
  shown: { readonly attempt: number; readonly text: string };
  /** The turn, from the stream's last event. */
  ending: AnswerBody | undefined;
  /** A refusal in place of a stream. */
  refusal: { readonly status: number; readonly body: AnswerBody; readonly etag: null } | undefined;
}

export const unreadTurn = (): StreamedTurn => ({
  lastId: 0,
  turnId: undefined,
  logPosition: undefined,
  shown: { attempt: 0, text: '' },
  ending: undefined,
  refusal: undefined,
});

interface Frame {
  readonly id: number;
  readonly event: string;
  readonly data: AnswerBody & { readonly attempt: number; readonly text: string };
}

const frameOf = (text: string): Frame | undefined => {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
  const data = field('data');
  return data === undefined
    ? undefined
    : { id: Number(field('id')), event: field('event') ?? '', data: JSON.parse(data) };
};

function take(turn: StreamedTurn, { id, event, data }: Frame): void {
  turn.lastId = id;
  if (event === 'turn.requested') {
    turn.turnId = data.turn_id;
    turn.logPosition = data.log_position;
  } else if (event === 'turn.started') turn.shown = { attempt: data.attempt, text: '' };
  else if (event === 'reply.delta') turn.shown = { attempt: data.attempt, text: turn.shown.text + data.text };
  else turn.ending = data;
}

/** Reads a stream into `turn` until it ends or is cut; the turn shows which. Never throws for a connection. */
export async function readStream(url: string, ask: HttpAsk, turn: StreamedTurn): Promise<void> {
  try {
    const response = await send(url, ask);
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (!isStream) {
      turn.refusal = { status: response.status, body: (await response.json()) as AnswerBody, etag: null };
      return;
    }
    let text = '';
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const frames = `${text}${part}`.split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames.map(frameOf)) if (frame) take(turn, frame);
    }
  } catch {
    // Cut: what was read stands, and the caller goes on after it.
  }
}
