import { expect, test } from '@jest/globals';
import { limits } from '@turnledger/shared/contracts';
import { SpectatorSeats } from './spectator-seats.ts';

test('a seat is taken until its request is over; one more than there are is refused, and told when to come back', () => {
  const seats = new SpectatorSeats();
  const requests = Array.from({ length: limits.spectate.maxSpectators }, () => new AbortController());
  for (const { signal } of requests) seats.take(signal);
  const late = new AbortController();
  expect(() => seats.take(late.signal)).toThrow(
    expect.objectContaining({ code: 'too_many_spectators', extras: { headers: { 'retry-after': '1' } } }),
  );
  requests[0]?.abort();
  seats.take(late.signal);
  expect(seats.taken).toBe(limits.spectate.maxSpectators);
  for (const request of [...requests, late]) request.abort();
  expect(seats.taken).toBe(0);
});

test('a request that is over already takes none', () => {
  const seats = new SpectatorSeats();
  seats.take(AbortSignal.abort());
  expect(seats.taken).toBe(0);
});
