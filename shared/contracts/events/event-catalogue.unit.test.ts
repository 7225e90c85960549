import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import type { Json } from '../../domain/index.ts';
import { type EventType, type eventSchemas, readEvent, type SealedEvent } from './event-catalogue.ts';

/** A type as both sides can be compared in: read-only throughout, and an optional member is absent, never undefined. */
type Normal<T> = [Json] extends [T]
  ? 'any JSON'
  : T extends string | number | boolean | null | undefined
    ? T
    : NormalObject<T>;
type NormalObject<T> = { readonly [name in keyof T]: Normal<Exclude<T[name], undefined>> };
type IsSame<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Stored<T extends EventType> = Normal<z.infer<(typeof eventSchemas)[T]>>;
type Told<T extends EventType> = Normal<Extract<SealedEvent, { readonly type: T }>['data']>;
type Disagreeing = { [T in EventType]: IsSame<Stored<T>, Told<T>> extends true ? never : T }[EventType];

/** Does not compile, and names the events, when a schema and the domain's type of the same event part. */
const typesAgree: [Disagreeing] extends [never] ? true : Disagreeing = true;

const uuid = '0198c0de-0000-7000-8000-000000000001';
const sealed = { v: 1, keyId: uuid, iv: 'AAAAAAAAAAAAAAAA', tag: 'AAAAAAAAAAAAAAAAAAAAAA', ciphertext: 'aGk' };
const cancelled = { turnId: uuid, by: 'game', reason: 'requested', partial: sealed };

const read = (data: unknown, type = 'TurnCancelled') => readEvent(type, '1', JSON.stringify(data));
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('readEvent', () => {
  it('gives the data of a known event as it was stored', () => {
    expect(read(cancelled)).toEqual({ type: 'TurnCancelled', data: cancelled });
  });

  it('reads into the types that the domain knows', () => {
    expect(typesAgree).toBe(true);
  });

  it.each(['TurnRenamed', '', 'toString', '__proto__', 'turncancelled'])('does not know the type %j', (type) => {
    expect(() => read(cancelled, type)).toThrow(code('event_unknown'));
  });

  it.each(['2', '', '01', undefined])('does not know the schema version %j', (version) => {
    expect(() => readEvent('TurnCancelled', version, JSON.stringify(cancelled))).toThrow(code('event_unknown'));
  });

  it.each([
    ['a field more', { ...cancelled, note: 'x' }],
    ['a field less', { turnId: uuid, by: 'game' }],
    ['a value outside its list', { ...cancelled, reason: 'bored' }],
    ['text in the clear where it must be sealed', { ...cancelled, partial: 'He said' }],
    [
      'an envelope with a member more',
      { ...cancelled, partial: { ...sealed, at: { eventId: uuid, field: 'partial' } } },
    ],
    ['an envelope that is not base64url', { ...cancelled, partial: { ...sealed, ciphertext: 'He said' } }],
    ['an actor of no known kind', { ...cancelled, by: 'player:Marta' }],
    ['null for an optional field', { ...cancelled, attempt: null }],
    ['no object', 'TurnCancelled'],
  ])('refuses data with %s', (_name, data) => {
    expect(() => read(data)).toThrow(code('event_invalid'));
  });

  it('refuses data that is not JSON', () => {
    expect(() => readEvent('TurnCancelled', '1', '{"turnId":')).toThrow(code('event_invalid'));
  });

  it('refuses data that is too deep to be looked through', () => {
    const schema = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const data = `{"moves":{"mode":"none","schema":${schema}}}`;
    expect(() => readEvent('ScenarioConfigured', '1', data)).toThrow(code('event_invalid'));
  });
});
