import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { limits } from '../limits.ts';
import { parsePositionToken, positionToken } from './position-token.ts';

const encode = (text: string) => Buffer.from(text).toString('base64url');

describe('a position token', () => {
  it('reads back as the position it was made of, up to the last revision a log takes', () => {
    const stream = fc.oneof(
      fc.uuid().map((id) => `session-${id}`),
      fc.uuid().map((id) => `player-${id}`),
      fc.uuid().map((id) => `rerun-${id}`),
      fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,63}$/).map((id) => `scenario-${id}`),
    );
    fc.assert(
      fc.property(stream, fc.nat({ max: limits.log.maxRevision }), (name, revision) => {
        expect(parsePositionToken(positionToken({ stream: name, revision }))).toEqual({ stream: name, revision });
      }),
    );
  });

  it('needs no escaping in a query', () => {
    const token = positionToken({ stream: 'scenario-lisbon-ledger.marta', revision: 7 });
    expect(encodeURIComponent(token)).toBe(token);
  });

  it.each([
    '',
    'junk',
    '***',
    encode('7'),
    encode('@session-1'),
    encode('-1@session-1'),
    encode('1.5@session-1'),
    encode('7@feed-1'),
    encode('7@rerunsession-1'),
    encode('7@session-'),
    encode('7@session-a b'),
    encode('7@session-1\n'),
    encode(`7@session-${'1'.repeat(300)}`),
    encode('99999999999@session-1'),
    encode(`${limits.log.maxRevision + 1}@session-1`),
  ])('is not %j', (token) => {
    expect(parsePositionToken(token)).toBeUndefined();
  });

  it('is no text that a client made up', () => {
    fc.assert(fc.property(fc.string({ maxLength: 40 }), (text) => expect(parsePositionToken(text)).toBeUndefined()));
  });
});
