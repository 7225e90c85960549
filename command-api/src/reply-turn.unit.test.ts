import { describe, expect, test } from '@jest/globals';
import { deliveryOf } from './reply-turn.ts';

const asked = (headers: { readonly [name: string]: string }, wantsStream = false) =>
  deliveryOf({ header: (name) => headers[name] }, wantsStream);

describe('deliveryOf', () => {
  test.each([
    ['nothing said', {}, { respondAsync: false }],
    ['JSON accepted', { accept: 'application/json' }, { respondAsync: false }],
    ['an event stream accepted', { accept: 'text/event-stream' }, 'stream'],
    ['an event stream among others', { accept: 'application/json, text/event-stream;q=0.9' }, 'stream'],
    ['respond-async', { prefer: 'respond-async' }, { respondAsync: true }],
    ['a wait', { prefer: 'wait=10' }, { respondAsync: false, waitSeconds: 10 }],
    ['a stream goes before a wait', { accept: 'text/event-stream', prefer: 'wait=10' }, 'stream'],
  ] as const)('%s', (_name, headers, delivery) => {
    expect(asked(headers)).toEqual(delivery);
  });

  test('"stream": true goes before everything else', () => {
    expect(asked({ prefer: 'respond-async' }, true)).toBe('stream');
  });
});
