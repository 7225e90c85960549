import type { TurnDocument } from '../contracts/index.ts';
import type { ScriptedAnswer } from './scripted-server.ts';

export const sampleSessionId = '0192f0c1-0000-7000-8000-000000000001';
export const sampleTurnId = '0192f0c1-0000-7000-8000-000000000002';

/** A turn as the service shows it when it has ended; completed unless told otherwise. */
export const sampleTurnDocument = (over: Partial<TurnDocument> = {}): TurnDocument => ({
  id: sampleTurnId,
  session_id: sampleSessionId,
  position: 1,
  rewound: false,
  status: 'completed',
  prompt: 'Where were you at 22:40?',
  trigger: null,
  response: 'At the customs house.',
  output: 'At the customs house.',
  move: null,
  move_verdict: null,
  model: 'scripted',
  finish_reason: 'stop',
  usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12, source: 'reported' },
  attempts: 1,
  duration_ms: 40,
  first_token_ms: 10,
  metadata: { quest_line: 'harbour' },
  scenario: { id: 'default', version: 1 },
  state_rev: null,
  fallback: null,
  error: null,
  requested_at: '2026-01-01T00:00:00.000Z',
  ended_at: '2026-01-01T00:00:00.040Z',
  ...over,
});

export interface SampleEvent {
  readonly id: number;
  readonly event: string;
  readonly data: object;
}

const turn_id = sampleTurnId;

export const sampleRequested: SampleEvent = {
  id: 1,
  event: 'turn.requested',
  data: {
    turn_id,
    session_id: sampleSessionId,
    position: 1,
    scenario: { id: 'default', version: 1 },
    log_position: 'p1',
  },
};

/** One attempt: its start and its deltas. */
export const sampleAttempt = (attempt: number, texts: readonly string[]): readonly SampleEvent[] => [
  { id: attempt * 1_000_000, event: 'turn.started', data: { turn_id, attempt, model: 'scripted' } },
  ...texts.map((text, index) => ({
    id: attempt * 1_000_000 + index + 1,
    event: 'reply.delta',
    data: { turn_id, attempt, text },
  })),
];

export const sampleEnding = (document: TurnDocument = sampleTurnDocument()): SampleEvent => ({
  id: 1_000_000_000,
  event: `turn.${document.status}`,
  data: document,
});

export const frameOf = ({ id, event, data }: SampleEvent): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/**
 * Answers as the service does: the events after the reader's last one, 204 to who has them all. `cutAfter` breaks the connection behind
 * so many events, within the next one's frame.
 */
export const answerStream =
  (events: readonly SampleEvent[], cutAfter = Number.POSITIVE_INFINITY): ScriptedAnswer =>
  (response, { headers }) => {
    const after = Number(headers['last-event-id'] ?? 0);
    if (after >= Math.max(1_000_000_000, events.at(-1)?.id ?? 0)) return response.writeHead(204).end();
    const wanted = events.filter(({ id }) => id > after);
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write('retry: 5\n\n');
    response.write(wanted.slice(0, cutAfter).map(frameOf).join(''));
    const [cut] = wanted.slice(cutAfter);
    if (!cut) return response.end();
    return response.write(frameOf(cut).slice(0, -1), () => response.destroy());
  };
