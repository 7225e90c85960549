import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds, sampleRequest, sampleRewind } from '../../testing/sample-commands.ts';
import {
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleEnded,
  sampleForked,
  sampleRequested,
  sampleRewound,
  sampleStarted,
} from '../../testing/sample-events.ts';
import { historyThrough, turnOf } from './effective-history.ts';
import { evolveSession } from './evolve-session.ts';
import { requestTurn } from './request-turn.ts';
import { rewindSession } from './rewind-session.ts';
import { initialSession } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const { turn, nextTurn } = sampleIds;
const first = [sampleStarted(), sampleRequested(), sampleClaimed(), sampleCompleted()] as const;
const second = [
  sampleRequested({ turnId: nextTurn, position: 2, bodyHmac: 'second' }),
  sampleCancelled({ turnId: nextTurn }),
] as const;
const toFirst = sampleRewind({ toTurnId: turn });
const toStart = sampleRewind();

describe('rewindSession', () => {
  test('cuts what came after an ended turn', () => {
    given(...first, ...second)
      .when(rewindSession, { ...toFirst, reason: 'a save was loaded' })
      .thenAppends(sampleRewound({ toTurnId: turn, toPosition: 1, reason: 'a save was loaded' }));
  });

  test('goes back to before the first turn', () => {
    given(...first)
      .when(rewindSession, toStart)
      .thenAppends(sampleRewound());
  });

  test('cuts the ending of a session too, also where no turn comes after the target', () => {
    given(...first, sampleEnded())
      .when(rewindSession, toFirst)
      .thenAppends(sampleRewound({ toTurnId: turn, toPosition: 1 }));
    given(sampleStarted(), sampleEnded()).when(rewindSession, toStart).thenAppends(sampleRewound());
  });

  test('changes nothing where nothing comes after the target', () => {
    given(...first)
      .when(rewindSession, toFirst)
      .thenUnchanged();
    given(sampleStarted()).when(rewindSession, toStart).thenUnchanged();
  });

  test('is refused while a turn is open, naming it', () => {
    given(...first, sampleRequested({ turnId: nextTurn, position: 2 }))
      .when(rewindSession, toFirst)
      .thenRefused('turn_open', nextTurn);
  });

  test('is refused to a turn that is not there', () => {
    given(...first)
      .when(rewindSession, sampleRewind({ toTurnId: nextTurn }))
      .thenRefused('turn_not_found');
  });

  test('is refused to a turn that was rewound away, naming it', () => {
    given(...first, ...second, sampleRewound({ toTurnId: turn, toPosition: 1 }))
      .when(rewindSession, sampleRewind({ rewindId: 'another', toTurnId: nextTurn }))
      .thenRefused('turn_rewound', nextTurn);
  });

  test('the same request again changes nothing, also after what came since; another under its key is refused', () => {
    const rewound = [...first, sampleRewound(), ...second] as const;
    given(...rewound)
      .when(rewindSession, toStart)
      .thenUnchanged();
    given(...rewound)
      .when(rewindSession, sampleRewind({ bodyHmac: 'another' }))
      .thenRefused('idempotency_key_reused');
  });

  test('is guarded by the revision that its caller has seen', () => {
    given(...first)
      .when(rewindSession, { ...toStart, expectedRevision: 2 })
      .thenRefused('session_revision_mismatch');
    given(...first)
      .when(rewindSession, { ...toStart, expectedRevision: 3 })
      .thenAppends(sampleRewound());
  });

  test('is refused once a session was rewound as often as it may be', () => {
    given(...first, sampleRewound(), ...second)
      .when(rewindSession, sampleRewind({ rewindId: 'another', maxRewinds: 1 }))
      .thenRefused('session_rewind_limit');
  });

  test('of an unknown session is refused', () => {
    given().when(rewindSession, toStart).thenRefused('session_not_found');
  });
});

describe('a session that was rewound', () => {
  const rewound = [...first, ...second, sampleEnded(), sampleRewound({ toTurnId: turn, toPosition: 1 })] as const;

  test('is open, and its next turn stands behind the target', () => {
    const state = stateAfter(...rewound);
    expect(state).toMatchObject({ status: 'open', history: { turnId: turn, length: 1 } });
    expect(state.ending).toBeUndefined();
    given(...rewound)
      .when(requestTurn, sampleRequest({ turnId: 'third' }))
      .thenAppends(sampleRequested({ turnId: 'third', position: 2 }));
  });

  test('refuses the key of a turn that is cut, and answers that of one that is kept', () => {
    given(...rewound)
      .when(requestTurn, sampleRequest({ turnId: nextTurn, bodyHmac: 'second' }))
      .thenRefused('turn_rewound', nextTurn);
    given(...rewound)
      .when(requestTurn, sampleRequest({ turnId: nextTurn }))
      .thenRefused('idempotency_key_reused', nextTurn);
    given(...rewound)
      .when(requestTurn, sampleRequest())
      .thenUnchanged();
  });

  test('records so many turns at most, those that are cut included', () => {
    given(...rewound)
      .when(requestTurn, sampleRequest({ turnId: 'third', maxRecordedTurns: 2 }))
      .thenRefused('session_turn_limit');
  });

  test('still has the history of a turn that was cut', () => {
    const state = stateAfter(...rewound);
    const cut = turnOf(state, nextTurn);
    expect(cut && historyThrough(state, cut).map(({ turnId }) => turnId)).toEqual([turn, nextTurn]);
  });
});

describe('a fork', () => {
  const { parentTurn, olderParentTurn } = sampleIds;
  const played = [sampleForked(), sampleRequested({ position: 3 }), sampleClaimed(), sampleCompleted()] as const;
  const older = { turnId: olderParentTurn, position: 1 };

  test('goes back to a turn that it began with, and on from there', () => {
    const back = sampleRewound({ toTurnId: olderParentTurn, toPosition: 1 });
    given(...played)
      .when(rewindSession, sampleRewind({ toTurnId: olderParentTurn, inherited: older }))
      .thenAppends(back);
    given(...played, back)
      .when(requestTurn, sampleRequest({ turnId: nextTurn }))
      .thenAppends(sampleRequested({ turnId: nextTurn, position: 2 }));
  });

  test('cannot go forward again to one that it has been rewound behind', () => {
    given(sampleForked(), sampleRewound({ rewindId: 'earlier', toTurnId: olderParentTurn, toPosition: 1 }))
      .when(rewindSession, sampleRewind({ toTurnId: parentTurn, inherited: { turnId: parentTurn, position: 2 } }))
      .thenRefused('turn_rewound', parentTurn);
  });

  test('that stands where it began has nothing to go back from', () => {
    const inherited = { turnId: parentTurn, position: 2 };
    given(sampleForked())
      .when(rewindSession, sampleRewind({ toTurnId: parentTurn, inherited }))
      .thenUnchanged();
  });

  test('goes back to before all that it began with', () => {
    given(...played)
      .when(rewindSession, sampleRewind())
      .thenAppends(sampleRewound());
    given(...played, sampleRewound())
      .when(requestTurn, sampleRequest({ turnId: nextTurn }))
      .thenAppends(sampleRequested({ turnId: nextTurn, position: 1 }));
  });
});
