import { describe, expect, test } from '@jest/globals';
import { deliveryOf } from './reply-turn.ts';

const asked = (headers: { readonly [name: string]: string }, wantsStream = false) =>
  deliveryOf({ header: (name) => headers[name] }, wantsStream);

describe('deliveryOf', () => {
  test.each([
    ['nothing said', {}, 'wait'],
    ['JSON accepted', { accept: 'application/json' }, 'wait'],
    ['an event stream accepted', { accept: 'text/event-stream' }, 'stream'],
    ['an event stream among others', { accept: 'application/json, text/event-stream;q=0.9' }, 'stream'],
    ['respond-async', { prefer: 'respond-async' }, 'async'],
    ['respond-async among others', { prefer: 'handling=lenient, respond-async; foo=bar' }, 'async'],
    ['respond-async in other letters', { prefer: 'Respond-Async' }, 'async'],
    ['a wait', { prefer: 'wait=10' }, 'wait'],
    ['a name that only looks like it', { prefer: 'respond-asynchronously' }, 'wait'],
  ] as const)('%s', (_name, headers, delivery) => {
    expect(asked(headers)).toBe(delivery);
  });

  test('"stream": true goes before everything else', () => {
    expect(asked({ prefer: 'respond-async' }, true)).toBe('stream');
  });
});
