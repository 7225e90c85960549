import { type ErrorCode, TurnledgerError } from '@turnledger/shared/contracts';
import type { Expected, ExpectedScenario } from '@turnledger/shared/domain';
import type { RouteRequest } from '@turnledger/shared/runtime';

type WithHeaders = Pick<RouteRequest<unknown, unknown>, 'header'>;

/**
 * The guard in an If-Match header (RFC 9110, 13.1.1): the one version or revision that the client has seen, as its ETag gave it or bare, or
 * `*` for whatever is there; undefined without one. A weak tag never matches, so it is refused like anything else that is no tag of ours.
 * Throws `request_invalid`.
 */
export function readIfMatch(request: WithHeaders): Expected | undefined {
  const value = request.header('if-match')?.trim();
  if (value === undefined) return undefined;
  if (value === '*') return 'any';
  const [, quoted, bare] = /^(?:"(\d{1,10})"|(\d{1,10}))$/.exec(value) ?? [];
  const tag = quoted ?? bare;
  if (tag !== undefined) return Number(tag);
  const message = 'must be one ETag, as in "3", or *';
  throw new TurnledgerError('request_invalid', {
    detail: `If-Match ${message}`,
    fields: [{ pointer: 'If-Match', message }],
  });
}

/**
 * The same for a scenario: its newest version, as its commands tag it, or the tag of the whole document, as its query does (decision 0009).
 * Throws `request_invalid`.
 */
export function readScenarioIfMatch(request: WithHeaders): ExpectedScenario | undefined {
  const whole = /^("?)(\d{1,10})\.(\d{1,10})\1$/.exec(request.header('if-match')?.trim() ?? '');
  return whole ? { version: Number(whole[2]), revision: Number(whole[3]) } : readIfMatch(request);
}

/** The tag of a version or revision: what the If-Match of the next command takes. */
export const etagOf = (version: number) => ({ etag: `"${version}"` });

/** What was not done, and why: where a guard did not hold a 412 with the version or revision (`current`) that is there instead. */
export function refusal(reason: ErrorCode, current: number, members: { readonly [id: string]: string } = {}) {
  if (!isMismatch(reason)) return new TurnledgerError(reason, { members });
  const found = reason === 'scenario_version_mismatch' ? { version: current } : { revision: current };
  return new TurnledgerError(reason, { members: found, headers: etagOf(current) });
}

const isMismatch = (reason: ErrorCode): boolean =>
  ['session_revision_mismatch', 'scenario_version_mismatch', 'player_revision_mismatch'].includes(reason);
