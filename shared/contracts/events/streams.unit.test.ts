import { describe, expect, it } from '@jest/globals';
import { parseStream, playerStream, scenarioStream, sessionStream } from './streams.ts';

describe('parseStream', () => {
  it.each([
    [sessionStream('0198c0de'), { kind: 'session', id: '0198c0de' }],
    [scenarioStream('lisbon-ledger.marta'), { kind: 'scenario', id: 'lisbon-ledger.marta' }],
    [playerStream('0198c0de'), { kind: 'player', id: '0198c0de' }],
  ])('takes %s apart', (stream, parts) => {
    expect(parseStream(stream)).toEqual(parts);
  });

  it.each(['', 'session-', 'session', 'feed-1', 'sessions-1', ' session-1', '$system'])(
    'does not know %j',
    (stream) => {
      expect(parseStream(stream)).toBeUndefined();
    },
  );
});
