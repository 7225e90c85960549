import { describe, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleBookmark, sampleIds } from '../../testing/sample-commands.ts';
import {
  sampleBookmarked,
  sampleClaimed,
  sampleCompleted,
  sampleEnded,
  sampleForked,
  sampleRequested,
  sampleRewound,
  sampleStarted,
} from '../../testing/sample-events.ts';
import { bookmarkSession } from './bookmark-session.ts';
import { evolveSession } from './evolve-session.ts';
import { initialSession } from './state.ts';

const { given } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const { turn, nextTurn } = sampleIds;
const first = [sampleStarted(), sampleRequested(), sampleClaimed(), sampleCompleted()] as const;
const openSecond = sampleRequested({ turnId: nextTurn, position: 2 });

describe('bookmarkSession', () => {
  test('marks a turn, with what its caller calls it', () => {
    given(...first)
      .when(bookmarkSession, sampleBookmark({ turnId: turn, label: 'before the accusation' }))
      .thenAppends(sampleBookmarked({ label: 'before the accusation' }));
  });

  test('marks the newest turn that has ended where none is named', () => {
    given(...first, openSecond)
      .when(bookmarkSession, sampleBookmark())
      .thenAppends(sampleBookmarked());
  });

  test('marks turns of a session that has ended', () => {
    given(...first, sampleEnded())
      .when(bookmarkSession, sampleBookmark())
      .thenAppends(sampleBookmarked());
  });

  test('marks the same turn again under another key', () => {
    given(...first, sampleBookmarked())
      .when(bookmarkSession, sampleBookmark({ bookmarkId: 'another' }))
      .thenAppends(sampleBookmarked({ bookmarkId: 'another' }));
  });

  test('the same request again changes nothing; another under its key is refused', () => {
    given(...first, sampleBookmarked())
      .when(bookmarkSession, sampleBookmark())
      .thenUnchanged();
    given(...first, sampleBookmarked())
      .when(bookmarkSession, sampleBookmark({ bodyHmac: 'another' }))
      .thenRefused('idempotency_key_reused');
  });

  test('is refused for a turn that is open, that is not there, and where none has ended', () => {
    given(...first, openSecond)
      .when(bookmarkSession, sampleBookmark({ turnId: nextTurn }))
      .thenRefused('turn_open', nextTurn);
    given(...first)
      .when(bookmarkSession, sampleBookmark({ turnId: nextTurn }))
      .thenRefused('turn_not_found');
    given(sampleStarted()).when(bookmarkSession, sampleBookmark()).thenRefused('turn_not_found');
  });

  test('is refused for a turn that was rewound away', () => {
    given(...first, sampleRewound())
      .when(bookmarkSession, sampleBookmark({ turnId: turn }))
      .thenRefused('turn_rewound', turn);
  });

  test('is guarded, bounded, and refused for an unknown session', () => {
    given(...first)
      .when(bookmarkSession, sampleBookmark({ expectedRevision: 0 }))
      .thenRefused('session_revision_mismatch');
    given(...first, sampleBookmarked())
      .when(bookmarkSession, sampleBookmark({ bookmarkId: 'another', maxBookmarks: 1 }))
      .thenRefused('session_bookmark_limit');
    given().when(bookmarkSession, sampleBookmark()).thenRefused('session_not_found');
  });
});

describe('bookmarkSession of a fork', () => {
  const { parentTurn, olderParentTurn } = sampleIds;

  test('marks the turn that it went on from where it has none of its own', () => {
    given(sampleForked())
      .when(bookmarkSession, sampleBookmark())
      .thenAppends(sampleBookmarked({ turnId: parentTurn }));
  });

  test('marks any turn that it began with, unless it was rewound behind it', () => {
    const inherited = { turnId: olderParentTurn, position: 1 };
    given(sampleForked())
      .when(bookmarkSession, sampleBookmark({ turnId: olderParentTurn, inherited }))
      .thenAppends(sampleBookmarked({ turnId: olderParentTurn }));
    given(sampleForked(), sampleRewound())
      .when(bookmarkSession, sampleBookmark({ turnId: olderParentTurn, inherited }))
      .thenRefused('turn_rewound', olderParentTurn);
  });
});
