import type {
  AppendOutcome,
  EncodedEvent,
  EventLog,
  Model,
  ModelEvent,
  TurnQueue,
  ViewStore,
} from '@turnledger/shared/ports';
import type { EmbeddedPorts } from '../embedded/start-embedded.ts';
import type { Failpoint, Pass } from './failpoints.ts';

/** A model that has got its request and has not answered: the twin lets at least 50 ms pass before its headers. */
const REQUEST_SENT_MS = 20;

const endings: ReadonlySet<string> = new Set(['TurnCompleted', 'TurnFailed', 'TurnCancelled', 'TurnTimedOut']);

/** The three places around a step that a store answers. */
export interface Places<Place extends string = Failpoint> {
  readonly before: Place;
  readonly during: Place;
  readonly after: Place;
}

const request: Places = {
  before: 'before_request_append',
  during: 'during_request_append',
  after: 'after_request_append',
};
const claim: Places = { before: 'before_claim', during: 'during_claim', after: 'after_claim' };
const ending: Places = { before: 'before_ending_append', during: 'during_ending_append', after: 'after_ending_append' };
const viewCommit: Places = { before: 'before_view_commit', during: 'during_view_commit', after: 'after_view_commit' };

/** The ports with places to die in around them; they do and answer what they did. */
export const failingPorts = ({ stores, queue, models }: EmbeddedPorts, pass: Pass): EmbeddedPorts => ({
  stores: { ...stores, log: failingLog(stores.log, pass), viewStore: failingViews(stores.viewStore, pass) },
  queue: failingQueue(queue, pass),
  models: new Map([...models].map(([name, model]) => [name, failingModel(model, pass)])),
});

/** How often a step that is under way passes its place again: its request leaves some turns of the event loop after it was begun. */
const AGAIN_MS = 1;

/**
 * Passes the places around a step; `during` in the next turn of the event loop, and again and again until it is answered. `after` is passed
 * only by a step that took effect: what a conflict refused has not happened, and a death there costs what one before the step does.
 */
export async function around<Answer, Place extends string>(
  { before, during, after }: Places<Place>,
  pass: Pass<Place>,
  step: () => Promise<Answer>,
  { turnId, tookEffect = () => true }: { readonly turnId?: string | undefined; tookEffect?(answer: Answer): boolean },
): Promise<Answer> {
  pass(before, turnId);
  const answer = step();
  setImmediate(() => pass(during, turnId));
  const again = setInterval(() => pass(during, turnId), AGAIN_MS);
  const answered = await answer.finally(() => clearInterval(again));
  if (tookEffect(answered)) pass(after, turnId);
  return answered;
}

/** A log with places to die in around its appends; the rest is as it was. */
export const failingLog = (log: EventLog, pass: Pass): EventLog => ({
  append: (stream, expected, events) => {
    const append = () => log.append(stream, expected, events);
    // A takeover and an ending in one append count as what comes last.
    const last = events.at(-1)?.type ?? '';
    const ended = events.find(({ type }) => endings.has(type));
    const about = {
      turnId: turnIdOf(ended ?? events.at(-1)),
      tookEffect: ({ outcome }: AppendOutcome) => outcome === 'ok',
    };
    if (ended) return around(ending, pass, append, about);
    if (last === 'TurnStarted') return around(claim, pass, append, about);
    return last === 'TurnRequested' ? around(request, pass, append, about) : append();
  },
  readStream: (stream, options) => log.readStream(stream, options),
  readHead: (stream) => log.readHead(stream),
  subscribe: (options) => log.subscribe(options),
  headPosition: () => log.headPosition(),
  close: () => log.close(),
});

/** A turn's name is in plain text in every event that names it. */
const turnIdOf = (event: EncodedEvent | undefined): string | undefined =>
  /"turnId":"([^"]+)"/.exec(event?.data ?? '')?.[1];

/** Views with places to die in around their transaction. */
export const failingViews = (views: ViewStore, pass: Pass): ViewStore => ({
  ...views,
  commit: (changes, checkpoint) =>
    around(viewCommit, pass, () => views.commit(changes, checkpoint), { tookEffect: (outcome) => outcome !== 'moved' }),
});

const failingQueue = (queue: TurnQueue, pass: Pass): TurnQueue => ({
  enqueue: async (messages) => {
    const isRequest = messages.some(({ kind }) => kind === 'requested');
    if (isRequest) pass('before_enqueue');
    await queue.enqueue(messages);
    if (isRequest) pass('after_enqueue');
  },
  consume: (options) => queue.consume(options),
  depth: () => queue.depth(),
});

/** A model with places to die in before its answer and in the middle of it. */
export const failingModel = (model: Model, pass: Pass): Model => ({
  defaultModel: model.defaultModel,
  isScripted: model.isScripted,
  reply: (asked, callId, signal) => failingReply(model.reply(asked, callId, signal), pass),
});

/** The whole of a text is passed with `before_ending_append`, right after it. */
async function* failingReply(events: AsyncIterable<ModelEvent>, pass: Pass): AsyncGenerator<ModelEvent> {
  let deltas = 0;
  const awaiting = setTimeout(() => pass('awaiting_model'), REQUEST_SENT_MS);
  try {
    for await (const event of events) {
      clearTimeout(awaiting);
      if (event.kind === 'delta') deltas += 1;
      if (deltas === 2) pass('mid_stream');
      yield event;
    }
  } finally {
    clearTimeout(awaiting);
  }
}
