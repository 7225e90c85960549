import { TurnledgerError } from '@turnledger/shared/contracts';
import type { Expected } from '@turnledger/shared/domain';
import type { RouteRequest } from '@turnledger/shared/runtime';

/**
 * The guard in an If-Match header (RFC 9110, 13.1.1): the one version or revision that the client has seen, as its ETag gave it or bare, or
 * `*` for whatever is there; undefined without one. A weak tag never matches, so it is refused like anything else that is no tag of ours.
 * Throws `request_invalid`.
 */
export function readIfMatch({ header }: Pick<RouteRequest<unknown, unknown>, 'header'>): Expected | undefined {
  const value = header('if-match')?.trim();
  if (value === undefined) return undefined;
  if (value === '*') return 'any';
  const tag = /^(?:"(\d{1,10})"|(\d{1,10}))$/.exec(value);
  if (tag) return Number(tag[1] ?? tag[2]);
  const message = 'must be one ETag, as in "3", or *';
  throw new TurnledgerError('request_invalid', {
    detail: `If-Match ${message}`,
    fields: [{ pointer: 'If-Match', message }],
  });
}

/** The tag of a version or revision: what the If-Match of the next command takes. */
export const etagOf = (version: number) => ({ etag: `"${version}"` });

/** A 412 with the version or revision that is there instead. */
export const mismatch = (
  code: 'session_revision_mismatch' | 'scenario_version_mismatch' | 'player_revision_mismatch',
  current: number,
): TurnledgerError => {
  const members = code === 'scenario_version_mismatch' ? { version: current } : { revision: current };
  return new TurnledgerError(code, { members, headers: etagOf(current) });
};
