import { z } from 'zod';
import type { Sealed } from '../../domain/index.ts';
import { limits } from '../limits.ts';

/**
 * The only string fields an event may have. Each is either ours (ids, hashes, codes), drawn from a fixed list, cut from a provider, a
 * designer's text inside a scenario, or sealed; a contract test walks every event schema and fails on any other string, so that what a
 * player wrote can never reach the log in the clear.
 */
type FieldOrigin = 'ours' | 'opaque-id' | 'provider' | 'designer';

const origins = new WeakMap<z.ZodType, FieldOrigin | 'sealed'>();

const from = <T extends z.ZodType>(origin: FieldOrigin | 'sealed', schema: T): T => {
  origins.set(schema, origin);
  return schema;
};

/** Where a string of an event comes from; undefined for a schema outside this vocabulary. */
export const fieldOrigin = (schema: z.ZodType): FieldOrigin | 'sealed' | undefined => origins.get(schema);

export const uuid = from('ours', z.uuid());
export const sha256Hex = from('ours', z.string().regex(/^[0-9a-f]{64}$/));
/** snake_case, chosen by our code. */
export const codeText = from('ours', z.string().regex(/^[a-z][a-z0-9_]{0,63}$/));
/** `player:{uuid}`, `game`, `operator` or `system:{worker}`. */
export const actorText = from(
  'ours',
  z.string().regex(/^(game|operator|player:[0-9a-f-]{36}|system:[a-z0-9-]{1,64})$/),
);
export const scenarioIdText = from('opaque-id', z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/));
/** What a game calls something that happened in it: snake_case, a word of the game's code and not of a player. */
export const triggerName = from('opaque-id', z.string().regex(/^[a-z][a-z0-9_]{0,63}$/));
/** A language as BCP 47 has it, in the shape of its common tags: `pt`, `pt-PT`, `zh-Hant-TW`. */
export const localeText = from('opaque-id', z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/));
/** What a game calls itself: opaque, never parsed. */
export const opaqueId = from('opaque-id', z.string().regex(/^[A-Za-z0-9._:@-]{1,128}$/));
export const providerText = from('provider', z.string().max(limits.worker.maxProviderTextChars));
/** Text of whoever configures scenarios: part of the product under its operator, nobody's personal data. */
export const designerText = (maxChars: number) => from('designer', z.string().max(maxChars));

const base64Url = z.string().regex(/^[A-Za-z0-9_-]*$/);

/** An encrypted field; one schema instance, so that the sealed fields of an event can be found in its schema. */
export const sealed: z.ZodType<Sealed> = from(
  'sealed',
  z.strictObject({ v: z.literal(1), keyId: z.uuid(), iv: base64Url, tag: base64Url, ciphertext: base64Url }),
);
