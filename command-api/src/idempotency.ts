import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import type { Ids } from '@turnledger/shared/ports';
import { lengthPrefixed } from '@turnledger/shared/trust';
import { v5 as uuidV5 } from 'uuid';

/** Namespace of session ids that are derived from a key; fixed for good, since a retry must find the session again. */
const SESSION_NAMESPACE = '5f0c1d3e-9a54-4d0b-8f37-2f6f1d6f8a11';

/** The same of re-runs. */
const RERUN_NAMESPACE = '8d2b6f0c-3c1e-4b57-9a4e-6f0d9b7c2e35';

export interface IdempotencyKey {
  readonly value: string;
  /** False when the service made one because the client sent none: then no retry can find it again. */
  readonly isFromClient: boolean;
}

const invalidKey = (message: string) =>
  new TurnledgerError('request_invalid', {
    detail: `Idempotency-Key ${message}`,
    fields: [{ pointer: 'Idempotency-Key', message }],
  });

/**
 * The key of a creating command: as a structured-field string ("…", RFC 8941) or bare, 1 to 255 printable ASCII characters. A missing one
 * is made. Throws `request_invalid`.
 */
export function readIdempotencyKey(header: string | undefined, ids: Ids): IdempotencyKey {
  if (header === undefined) return { value: ids.uuid(), isFromClient: false };
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header)?.[1];
  if (quoted === undefined && header.includes('"')) throw invalidKey('is neither a quoted string nor bare');
  const value = quoted?.replaceAll(/\\(["\\])/g, '$1') ?? header;
  if (!/^[\x20-\x7e]+$/.test(value)) throw invalidKey('must be printable ASCII');
  if (value.length > limits.http.maxIdempotencyKeyChars)
    throw invalidKey(`is over ${limits.http.maxIdempotencyKeyChars} characters`);
  return { value, isFromClient: true };
}

/** The session that a key opens: apart for each caller, game, player and scenario, so that two callers never share one (rule 1). */
export const derivedSessionId = (parts: {
  readonly principal: string;
  readonly gameId: string | undefined;
  readonly playerId: string | undefined;
  readonly scenarioId: string;
  readonly key: string;
}): string => {
  const { principal, gameId = '', playerId = '', scenarioId, key } = parts;
  return uuidV5(lengthPrefixed([principal, gameId, playerId, scenarioId, key]), SESSION_NAMESPACE);
};

/**
 * The re-run that a key asks for, of a session, of a scenario's sessions, or for a gate: apart for each caller and the game that binds their token,
 * since the same request is then about other sessions, and from each other.
 */
export const derivedRerunId = (parts: {
  readonly principal: string;
  readonly kind: 'session' | 'scenario' | 'gate';
  /** The id of the session or scenario. */
  readonly target: string;
  readonly key: string;
  readonly gameId?: string | undefined;
}): string => {
  const { principal, kind, target, key, gameId } = parts;
  const bound = gameId === undefined ? [] : [gameId];
  return uuidV5(lengthPrefixed([principal, kind, target, key, ...bound]), RERUN_NAMESPACE);
};

/** The turn that a key asks for in a session. */
export const derivedTurnId = (sessionId: string, key: string): string => uuidV5(key, sessionId);

/** The bookmark, rewind or fork that a key asks for of a session; apart from each other, and from turns. */
export const derivedMarkId = (kind: 'bookmark' | 'rewind' | 'fork', sessionId: string, key: string): string =>
  uuidV5(lengthPrefixed([kind, key]), sessionId);

/** The data key of a session without exactly one player; derived, so that a retry finds the key the first try made. */
export const derivedSessionKeyId = (sessionId: string): string => uuidV5('data-key', sessionId);

/** The key as replies carry it, in the structured form (RFC 8941): what it gives can be sent back as it is. */
export const idempotencyHeader = ({ value }: IdempotencyKey) => ({
  'idempotency-key': `"${value.replaceAll(/["\\]/g, '\\$&')}"`,
});
