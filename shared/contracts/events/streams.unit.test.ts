import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { isRerunSessionId, parseStream, playerStream, rerunStream, scenarioStream, sessionStream } from './streams.ts';

const ofVersion = (version: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8) => fc.uuid({ version });
const categoryOf = (stream: string) => stream.slice(0, stream.indexOf('-'));

describe('parseStream', () => {
  it.each([
    [sessionStream('0198c0de'), { kind: 'session', id: '0198c0de' }],
    [scenarioStream('lisbon-ledger.marta'), { kind: 'scenario', id: 'lisbon-ledger.marta' }],
    [playerStream('0198c0de'), { kind: 'player', id: '0198c0de' }],
    [rerunStream('0198c0de'), { kind: 'rerun', id: '0198c0de' }],
    [
      sessionStream('0198c0de-0000-8000-8000-0000000000d2'),
      { kind: 'rerunsession', id: '0198c0de-0000-8000-8000-0000000000d2' },
    ],
    [scenarioStream('rerun-1'), { kind: 'scenario', id: 'rerun-1' }],
  ])('takes %s apart', (stream, parts) => {
    expect(parseStream(stream)).toEqual(parts);
  });

  it.each([
    '',
    'session-',
    'session',
    'feed-1',
    'sessions-1',
    ' session-1',
    '$system',
    'rerun-',
    'rerunsession',
    'reruns-1',
    'rerun_session-1',
    'rerunsession -1',
    'Rerun-1',
    'xrerun-1',
  ])('does not know %j', (stream) => {
    expect(parseStream(stream)).toBeUndefined();
  });
});

describe('the stream of a session', () => {
  test('is of the category that nobody follows where its id is of version 8, and of players’ otherwise', () => {
    const ids = fc.oneof(
      ofVersion(8).map((id) => ({ id, category: 'rerunsession' })),
      fc.oneof(ofVersion(1), ofVersion(4), ofVersion(5), ofVersion(7)).map((id) => ({ id, category: 'session' })),
    );
    fc.assert(
      fc.property(ids, ({ id, category }) => {
        const stream = sessionStream(id);
        expect(categoryOf(stream)).toBe(category);
        expect(stream.startsWith('session-')).toBe(category === 'session');
        expect(parseStream(stream)).toEqual({ kind: category, id });
        expect(isRerunSessionId(id)).toBe(category === 'rerunsession');
      }),
    );
  });

  test('is a player’s where an 8 stands elsewhere in its id', () => {
    expect(isRerunSessionId('88888888-8888-7888-8888-888888888888')).toBe(false);
  });
});
