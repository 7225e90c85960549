import type { RerunEvent, SessionEvent } from '../../domain/index.ts';
import {
  completed,
  failed,
  goldenClosing,
  goldenIds,
  goldenOpening,
  hmac,
  numbered,
  requested,
  started,
  summarised,
  summaryFailed,
  summaryStarted,
  turnId,
} from './golden-events.ts';
import { goldenFailedRerun, goldenRepeat, goldenRerun } from './golden-reruns.ts';

type Session = readonly SessionEvent<'plain'>[];

/** Moves: one that was not valid and was corrected, accepted; one that was rejected once the session had ended. */
const moves: Session = [
  requested(6, 5, { text: 'Then show me.', scenarioVersion: 1 }),
  started(6, 1, 5, { assembler: 2 }),
  failed(6, 1, 5, { code: 'model_move_invalid', retryInMs: 0, reply: 'Come.\n```move\n{"verb":"fly"}\n```' }),
  started(6, 2, 6, { assembler: 2, correctionOfAttempt: 1 }),
  completed(6, 2, 6, { reply: 'Come.', move: { verb: 'go' } }),
  { type: 'MoveAccepted', data: { turnId: turnId(6), stateRev: 8 } },
  requested(7, 6, { text: 'And further?', scenarioVersion: 1 }),
  started(7, 1, 7, { assembler: 3 }),
  completed(7, 1, 7, { reply: 'After you.', move: { verb: 'go' } }),
];
const rejected: Session = [{ type: 'MoveRejected', data: { turnId: turnId(7), reason: 'the door is locked' } }];

/** A bookmark, and two rewinds of a session that had ended. */
const rewound: Session = [
  {
    type: 'SessionBookmarked',
    data: { bookmarkId: numbered(3, 1), turnId: turnId(1), label: 'before the silence', bodyHmac: hmac('bookmark') },
  },
  {
    type: 'SessionRewound',
    data: {
      rewindId: numbered(4, 1),
      toTurnId: turnId(1),
      toPosition: 1,
      by: `player:${goldenIds.player}`,
      reason: 'an old save was loaded',
      bodyHmac: hmac('rewind 1'),
    },
  },
  { type: 'SessionRewound', data: { rewindId: numbered(4, 2), toPosition: 0, by: 'game', bodyHmac: hmac('rewind 2') } },
];

/** A fork of the golden session's third turn, itself rewound to a turn that it began with; a stream of its own since edition 4. */
const fork: Session = [
  {
    type: 'SessionForked',
    data: {
      lineage: [
        { sessionId: numbered(5, 1), throughTurnId: turnId(1), throughPosition: 1, throughRevision: 4 },
        { sessionId: goldenIds.session, throughTurnId: turnId(3), throughPosition: 3, throughRevision: 16 },
      ],
      parentHash: hmac('an event of the golden session'),
      scenarioId: 'lisbon-ledger.marta',
      scenarioVersion: 2,
      gameId: 'lisbon-ledger',
      participants: [
        { kind: 'player', playerId: goldenIds.player },
        { kind: 'npc', scenarioId: 'lisbon-ledger.marta' },
      ],
      keyId: goldenIds.key,
      metadata: { quest: 'harbour' },
      bodyHmac: hmac('fork'),
    },
  },
  requested(9, 4, { text: 'And if I had asked otherwise?' }),
  started(9, 1, 13, {}),
  completed(9, 1, 13, { reply: 'I would have lied.' }),
  {
    type: 'SessionRewound',
    data: { rewindId: numbered(4, 3), toTurnId: turnId(1), toPosition: 1, by: 'game', bodyHmac: hmac('rewind 3') },
  },
];

/** Summaries: one that failed, one of a worker that was lost and whose bill came late, one that extends another, and a prompt that is told it. */
const summaries: Session = [
  summaryStarted(1, 3, 8),
  summaryFailed(1, 8, { code: 'model_overloaded', providerStatus: 529, usage: true }),
  summaryStarted(2, 3, 9),
  summaryFailed(2, 9, { code: 'worker_lost' }),
  summaryStarted(3, 3, 10),
  summaryFailed(2, 9, { code: 'summary_late', usage: true }),
  summarised(3, 3, 10),
  summaryStarted(4, 4, 11, 3),
  summarised(4, 4, 11),
  requested(8, 7, { text: 'And who is that?', scenarioVersion: 1 }),
  started(8, 1, 12, { assembler: 4, fromTurnId: turnId(6), throughTurnId: turnId(7), summaryId: numbered(5, 4) }),
  completed(8, 1, 12, {}),
];

/** All that there is of a session without re-runs, which are of streams of their own since edition 5. */
const summarisedSession: Session = [
  ...goldenOpening,
  ...moves,
  ...summaries,
  ...goldenClosing(8),
  ...rejected,
  ...rewound,
];

/** The golden session of each edition, the first at index 0; one that was recorded never changes. */
export const goldenSessions: readonly [Session, ...Session[]] = [
  [...goldenOpening, ...goldenClosing(5)],
  [...goldenOpening, ...moves, ...goldenClosing(7), ...rejected],
  [...goldenOpening, ...moves, ...goldenClosing(7), ...rejected, ...rewound],
  summarisedSession,
  summarisedSession,
];

/** The golden fork of each edition; none before the fourth. */
export const goldenForks: readonly Session[] = [[], [], [], fork, fork];

/** The golden session of a re-run, of each edition; none before the fifth. */
export const goldenRepeats: readonly Session[] = [[], [], [], [], goldenRepeat];

/** The golden re-runs of each edition by their ids; none before the fifth. */
export const goldenReruns: readonly { readonly [rerunId: string]: readonly RerunEvent[] }[] = [
  {},
  {},
  {},
  {},
  { [goldenIds.rerun]: goldenRerun, [goldenIds.failedRerun]: goldenFailedRerun },
];

/** What the files of today are called by: one more with each change to an event's format, and with each new type. */
export const goldenEdition = goldenSessions.length;
