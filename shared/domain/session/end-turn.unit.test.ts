import { describe, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds, samplePlannedCall } from '../../testing/sample-commands.ts';
import {
  sampleAttemptFailed,
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleFailed,
  sampleRequested,
  sampleStarted,
  sampleTimedOut,
} from '../../testing/sample-events.ts';
import { cancelTurn, failTurn, timeOutTurn } from './end-turn.ts';
import { evolveSession } from './evolve-session.ts';
import { initialSession } from './state.ts';

const { given } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const { turn, nextCall } = sampleIds;
const requested = [sampleStarted(), sampleRequested()];
const claimed = [...requested, sampleClaimed()];
const takenOver = [
  ...claimed,
  sampleAttemptFailed({ code: 'worker_lost' }),
  sampleClaimed({ attempt: 2, worker: 'worker-2', calls: [samplePlannedCall(nextCall)] }),
];
const endings = [
  ['completed', sampleCompleted()],
  ['failed', sampleFailed()],
  ['timed out', sampleTimedOut({ attempt: 1 })],
] as const;

describe('cancelTurn', () => {
  const cancel = { turnId: turn, by: 'game', reason: 'requested' } as const;

  test('a turn that waits is cancelled without an attempt', () => {
    given(...requested)
      .when(cancelTurn, cancel)
      .thenAppends(sampleCancelled());
  });

  test('a running turn is cancelled with its attempt', () => {
    given(...claimed)
      .when(cancelTurn, cancel)
      .thenAppends(sampleCancelled({ attempt: 1 }));
    given(...takenOver)
      .when(cancelTurn, cancel)
      .thenAppends(sampleCancelled({ attempt: 2 }));
  });

  test('what the player had seen of the reply is kept', () => {
    given(...claimed)
      .when(cancelTurn, { ...cancel, partial: 'A fr' })
      .thenAppends(sampleCancelled({ attempt: 1, partial: 'A fr' }));
  });

  test('a cancelled turn stays as it is', () => {
    given(...requested, sampleCancelled())
      .when(cancelTurn, cancel)
      .thenUnchanged();
  });

  test.each(endings)('a %s turn is refused (rule 5: the first append wins)', (_status, ending) => {
    given(...claimed, ending)
      .when(cancelTurn, cancel)
      .thenRefused('turn_already_ended', turn);
  });

  test('an unknown turn is refused', () => {
    given(sampleStarted()).when(cancelTurn, cancel).thenRefused('turn_not_found');
  });
});

describe('cancelTurn with a guard', () => {
  const cancel = { turnId: turn, by: 'game', reason: 'requested' } as const;

  test('that holds cancels, and records no guard', () => {
    given(...requested)
      .when(cancelTurn, { ...cancel, expectedRevision: 1 })
      .thenAppends(sampleCancelled());
  });

  test('that does not hold is refused', () => {
    given(...claimed)
      .when(cancelTurn, { ...cancel, expectedRevision: 1 })
      .thenRefused('session_revision_mismatch', turn);
  });

  test('is not asked for a turn that is cancelled already', () => {
    given(...requested, sampleCancelled())
      .when(cancelTurn, { ...cancel, expectedRevision: 1 })
      .thenUnchanged();
  });
});

describe('timeOutTurn', () => {
  const total = { turnId: turn, phase: 'total', elapsedMs: 30_000 } as const;

  test('a turn that nobody claimed times out in the queue, with its fallback line', () => {
    const queue = { phase: 'queue', fallback: 'The wind howls.' } as const;
    given(...requested)
      .when(timeOutTurn, { ...total, ...queue })
      .thenAppends(sampleTimedOut(queue));
  });

  test('the running worker ends its own turn, with what was said so far', () => {
    const firstToken = { phase: 'first_token', attempt: 1, partial: 'A fr' } as const;
    given(...claimed)
      .when(timeOutTurn, { ...total, ...firstToken })
      .thenAppends(sampleTimedOut(firstToken));
  });

  test('the expiry loop ends whatever attempt is under way, and names it (rule 11)', () => {
    given(...takenOver)
      .when(timeOutTurn, total)
      .thenAppends(sampleTimedOut({ attempt: 2 }));
  });

  test('a turn between two attempts times out as well', () => {
    given(...claimed, sampleAttemptFailed({ retryInMs: 250 }))
      .when(timeOutTurn, total)
      .thenAppends(sampleTimedOut({ attempt: 1 }));
  });

  test('a worker that lost its claim cannot end the turn (rule 4)', () => {
    given(...takenOver)
      .when(timeOutTurn, { ...total, attempt: 1 })
      .thenRefused('turn_already_ended', turn);
  });

  test.each([...endings, ['cancelled', sampleCancelled({ attempt: 1 })] as const])(
    'a %s turn is refused',
    (_status, ending) => {
      given(...claimed, ending)
        .when(timeOutTurn, total)
        .thenRefused('turn_already_ended', turn);
    },
  );

  test('an unknown turn is refused', () => {
    given(sampleStarted()).when(timeOutTurn, total).thenRefused('turn_not_found');
  });
});

describe('failTurn', () => {
  const fail = { turnId: turn, code: 'key_unknown', stage: 'prompt' } as const;

  test('a turn that never reached a model fails without an attempt', () => {
    given(...requested)
      .when(failTurn, { ...fail, fallback: 'The wind howls.' })
      .thenAppends({ type: 'TurnFailed', data: { ...fail, fallback: 'The wind howls.' } });
  });

  test('a turn whose next attempt cannot be made fails with the attempt it stands at (rule 4)', () => {
    given(...claimed, sampleAttemptFailed({ retryInMs: 250 }))
      .when(failTurn, fail)
      .thenAppends({ type: 'TurnFailed', data: { ...fail, attempt: 1 } });
  });

  test('a turn that a worker holds is refused: its call may be paid for by now (rule 4)', () => {
    given(...claimed)
      .when(failTurn, fail)
      .thenRefused('turn_held', turn);
  });

  test('a turn whose holder is lost fails in one append with the attempt that is lost (rule 4)', () => {
    given(...claimed)
      .when(failTurn, { ...fail, lostAttempt: 1 })
      .thenAppends(sampleAttemptFailed({ code: 'worker_lost' }), {
        type: 'TurnFailed',
        data: { ...fail, attempt: 1 },
      });
  });

  test('a turn that another worker has taken over since is refused', () => {
    given(...takenOver)
      .when(failTurn, { ...fail, lostAttempt: 1 })
      .thenRefused('turn_held', turn);
  });

  test.each([...endings, ['cancelled', sampleCancelled({ attempt: 1 })] as const])(
    'a %s turn is refused',
    (_status, ending) => {
      given(...claimed, ending)
        .when(failTurn, fail)
        .thenRefused('turn_already_ended', turn);
    },
  );

  test('an unknown turn is refused', () => {
    given(sampleStarted()).when(failTurn, fail).thenRefused('turn_not_found');
  });
});
