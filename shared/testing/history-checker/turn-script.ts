import fc from 'fast-check';

/** What becomes of a turn in a played history. */
export type TurnFate =
  | 'completed'
  | 'retried'
  | 'lost_then_completed'
  | 'lost_to_the_end'
  | 'failed'
  | 'cancelled_early'
  | 'cancelled_midway'
  | 'superseded'
  | 'timed_out';

/** One turn of a played history, and how its client behaves. */
export interface TurnScript {
  readonly fate: TurnFate;
  readonly delivery: 'wait' | 'stream' | 'async';
  /** The first answer is lost on its way; the client asks again with the same key. */
  readonly losesAnswer: boolean;
  /** The first request is lost on its way: it has no effect. */
  readonly losesRequest: boolean;
  readonly asksAgain: boolean;
  readonly asksOtherwise: boolean;
  readonly readsBack: boolean;
}

/** Sessions that run beside each other, each turn after the other; the same window for all. */
export interface HistoryScript {
  readonly windowTurns: number;
  readonly sessions: readonly (readonly TurnScript[])[];
}

const fate: fc.Arbitrary<TurnFate> = fc.constantFrom(
  'completed',
  'completed',
  'retried',
  'lost_then_completed',
  'lost_to_the_end',
  'failed',
  'cancelled_early',
  'cancelled_midway',
  'superseded',
  'timed_out',
);

const turnScript: fc.Arbitrary<TurnScript> = fc.record({
  fate,
  delivery: fc.constantFrom('wait', 'stream', 'async'),
  losesAnswer: fc.boolean(),
  losesRequest: fc.boolean(),
  asksAgain: fc.boolean(),
  asksOtherwise: fc.boolean(),
  readsBack: fc.boolean(),
});

/** Histories that keep every promise. */
export const cleanScripts: fc.Arbitrary<HistoryScript> = fc.record({
  windowTurns: fc.constantFrom(0, 1, 2, 20),
  sessions: fc.array(fc.array(turnScript, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
});

/** A turn that is simply answered, to be changed by a test. */
const plainTurn: TurnScript = {
  fate: 'completed',
  delivery: 'wait',
  losesAnswer: false,
  losesRequest: false,
  asksAgain: true,
  asksOtherwise: false,
  readsBack: true,
};

/** Two sessions beside each other, with everything a turn can come to. */
export const richScript: HistoryScript = {
  windowTurns: 20,
  sessions: [
    [
      { ...plainTurn, delivery: 'stream' },
      { ...plainTurn, fate: 'lost_then_completed', losesAnswer: true },
      { ...plainTurn, fate: 'cancelled_midway', asksOtherwise: true },
      { ...plainTurn, fate: 'superseded' },
      { ...plainTurn, fate: 'retried', delivery: 'async' },
    ],
    [
      { ...plainTurn, fate: 'failed' },
      { ...plainTurn, fate: 'timed_out', losesRequest: true },
      { ...plainTurn, fate: 'lost_to_the_end' },
      plainTurn,
    ],
  ],
};
