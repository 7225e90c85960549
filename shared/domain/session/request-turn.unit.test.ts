import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds, sampleRequest } from '../../testing/sample-commands.ts';
import {
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleEnded,
  sampleFailed,
  sampleRequested,
  sampleStarted,
  sampleTimedOut,
} from '../../testing/sample-events.ts';
import { turnOf } from './effective-history.ts';
import { cancelTurn } from './end-turn.ts';
import { evolveSession } from './evolve-session.ts';
import { requestTurn } from './request-turn.ts';
import { initialSession } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const { turn, nextTurn, player, stranger } = sampleIds;
const completed = [sampleRequested(), sampleClaimed(), sampleCompleted()];

describe('requestTurn', () => {
  test("records the first turn at position 1, without the scenario's limit", () => {
    given(sampleStarted())
      .when(requestTurn, sampleRequest())
      .thenAppends(sampleRequested({ position: 1 }));
  });

  test('records all that the request carries', () => {
    const details = { state: { rev: 7, data: { hp: 3 } }, metadata: { map: 'cave' }, overrides: { temperature: 0.2 } };
    given(sampleStarted()).when(requestTurn, sampleRequest(details)).thenAppends(sampleRequested(details));
  });

  test('the next turn takes the next position', () => {
    given(sampleStarted(), ...completed)
      .when(requestTurn, sampleRequest({ turnId: nextTurn }))
      .thenAppends(sampleRequested({ turnId: nextTurn, position: 2 }));
  });

  test.each([
    ['cancelled', sampleCancelled()],
    ['timed out', sampleTimedOut()],
    ['failed', sampleFailed()],
  ])('a %s turn leaves room for the next, and keeps its position', (_ending, ending) => {
    given(sampleStarted(), sampleRequested(), ending)
      .when(requestTurn, sampleRequest({ turnId: nextTurn }))
      .thenAppends(sampleRequested({ turnId: nextTurn, position: 2 }));
  });

  test('the game itself may speak', () => {
    const speaker = { kind: 'game' } as const;
    given(sampleStarted()).when(requestTurn, sampleRequest({ speaker })).thenAppends(sampleRequested({ speaker }));
  });

  test('the same key and body while the turn is open is the same turn (rule 1)', () => {
    given(sampleStarted(), sampleRequested()).when(requestTurn, sampleRequest()).thenUnchanged();
  });

  test('the same key and body after the ending is the same turn (rule 1)', () => {
    given(sampleStarted(), ...completed)
      .when(requestTurn, sampleRequest())
      .thenUnchanged();
  });

  test('the same key and body is the same turn even after the session has ended, or while another turn is open', () => {
    given(sampleStarted(), ...completed, sampleEnded())
      .when(requestTurn, sampleRequest())
      .thenUnchanged();
    given(sampleStarted(), ...completed, sampleRequested({ turnId: nextTurn, position: 2 }))
      .when(requestTurn, sampleRequest())
      .thenUnchanged();
  });

  test('the same key with another body is refused, open or ended (rule 1)', () => {
    const other = sampleRequest({ bodyHmac: 'other' });
    given(sampleStarted(), sampleRequested()).when(requestTurn, other).thenRefused('idempotency_key_reused', turn);
    given(sampleStarted(), ...completed)
      .when(requestTurn, other)
      .thenRefused('idempotency_key_reused', turn);
  });

  test('a second open turn is refused, naming the first (rule 3)', () => {
    const second = sampleRequest({ turnId: nextTurn });
    given(sampleStarted(), sampleRequested()).when(requestTurn, second).thenRefused('turn_open', turn);
    given(sampleStarted(), sampleRequested(), sampleClaimed()).when(requestTurn, second).thenRefused('turn_open', turn);
  });

  test('a player who takes no part is refused', () => {
    given(sampleStarted())
      .when(requestTurn, sampleRequest({ speaker: { kind: 'player', playerId: stranger } }))
      .thenRefused('player_not_in_session');
  });

  test('an unknown session is refused', () => {
    given().when(requestTurn, sampleRequest()).thenRefused('session_not_found');
  });

  test('an ended session is refused', () => {
    given(sampleStarted(), sampleEnded()).when(requestTurn, sampleRequest()).thenRefused('session_ended');
  });

  test('the turn limit counts every turn of the history, however it ended', () => {
    const one = [sampleStarted(), sampleRequested(), sampleCancelled()];
    const next = { turnId: nextTurn };
    given(...one)
      .when(requestTurn, sampleRequest({ ...next, maxTurns: 1 }))
      .thenRefused('session_turn_limit');
    given(...one)
      .when(requestTurn, sampleRequest({ ...next, maxTurns: 2 }))
      .thenAppends(sampleRequested({ ...next, position: 2 }));
  });

  test('each participant may take a turn', () => {
    const started = sampleStarted({
      participants: [
        { kind: 'player', playerId: stranger },
        { kind: 'player', playerId: player },
      ],
    });
    given(started).when(requestTurn, sampleRequest()).thenAppends(sampleRequested());
  });
});

describe('requestTurn with a trigger', () => {
  test('records what happened, told by the game, and no text', () => {
    const { text: _none, ...rest } = sampleRequest();
    const trigger = { name: 'player_entered', args: { door: 'north' } };
    const { text: _noText, ...data } = sampleRequested().data;
    given(sampleStarted())
      .when(requestTurn, { ...rest, trigger, speaker: { kind: 'game' } })
      .thenAppends({ type: 'TurnRequested', data: { ...data, trigger, speaker: { kind: 'game' } } });
  });
});

describe('requestTurn where a new turn interrupts', () => {
  const interruption = { by: 'game', partial: 'A fr' } as const;
  const second = sampleRequest({ turnId: nextTurn, interruption });
  const superseded = { reason: 'superseded', ...interruption } as const;
  const next = sampleRequested({ turnId: nextTurn, position: 2 });

  test('the open turn is cancelled in the same append, with what had been shown of it', () => {
    given(sampleStarted(), sampleRequested(), sampleClaimed())
      .when(requestTurn, second)
      .thenAppends(sampleCancelled({ ...superseded, attempt: 1 }), next);
  });

  test('a turn that still waits is cancelled without an attempt', () => {
    given(sampleStarted(), sampleRequested())
      .when(requestTurn, sampleRequest({ turnId: nextTurn, interruption: { by: 'game' } }))
      .thenAppends(sampleCancelled({ reason: 'superseded' }), next);
  });

  test('nothing is cancelled where nothing is open', () => {
    given(sampleStarted(), ...completed)
      .when(requestTurn, second)
      .thenAppends(next);
  });

  test('the open turn asked for again is itself, and cancels nothing', () => {
    given(sampleStarted(), sampleRequested()).when(requestTurn, sampleRequest({ interruption })).thenUnchanged();
  });

  test('a request that is refused for another reason cancels nothing', () => {
    given(sampleStarted(), sampleRequested())
      .when(requestTurn, sampleRequest({ turnId: nextTurn, interruption, maxTurns: 1 }))
      .thenRefused('session_turn_limit');
    given(sampleStarted(), sampleRequested())
      .when(
        requestTurn,
        sampleRequest({ turnId: nextTurn, interruption, speaker: { kind: 'player', playerId: stranger } }),
      )
      .thenRefused('player_not_in_session');
  });

  test('the turn that took the place is the open one, and the other stays cancelled', () => {
    const open = [sampleStarted(), sampleRequested(), sampleClaimed(), sampleCancelled(superseded), next];
    expect(stateAfter(...open)).toMatchObject({ openTurnId: nextTurn, revision: 4 });
    given(...open)
      .when(cancelTurn, { turnId: turn, by: 'game', reason: 'requested' })
      .thenUnchanged();
  });
});

describe('requestTurn with a guard', () => {
  const second = { turnId: nextTurn };

  test.each([0, 'any'] as const)('of %p holds for a session at that revision', (expectedRevision) => {
    given(sampleStarted()).when(requestTurn, sampleRequest({ expectedRevision })).thenAppends(sampleRequested());
  });

  test('that does not hold is refused', () => {
    given(sampleStarted(), ...completed)
      .when(requestTurn, sampleRequest({ ...second, expectedRevision: 2 }))
      .thenRefused('session_revision_mismatch');
  });

  test('is not asked for a turn that is there already', () => {
    given(sampleStarted(), ...completed)
      .when(requestTurn, sampleRequest({ expectedRevision: 0 }))
      .thenUnchanged();
  });
});

describe('history', () => {
  test('lists the turns newest first and shares its tail', () => {
    const before = stateAfter(sampleStarted(), ...completed);
    const after = stateAfter(sampleStarted(), ...completed, sampleRequested({ turnId: nextTurn, position: 2 }));
    expect(after.history).toEqual({ turnId: nextTurn, length: 2, previous: before.history });
  });

  test('a new turn costs the state no copy of the older ones', () => {
    const before = stateAfter(sampleStarted(), ...completed);
    const after = evolveSession(before, sampleRequested({ turnId: nextTurn, position: 2 }));
    expect(after.history?.previous).toBe(before.history);
    expect(turnOf(after, turn)).toBe(turnOf(before, turn));
  });
});
