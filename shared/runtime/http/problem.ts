import { catalogue, isTurnledgerError, limits, TurnledgerError } from '../../contracts/index.ts';

/** An error as it goes over the wire: RFC 9457, plus the `error` member that is all OpenAI's SDKs read. */
export interface Problem {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: { readonly [member: string]: unknown };
}

/** Any thrown value as one of ours; what is not from the catalogue is `internal`, whatever it says of itself, and tells a client no more. */
export const toTurnledgerError = (thrown: unknown): TurnledgerError =>
  isTurnledgerError(thrown) ? thrown : new TurnledgerError('internal', { cause: thrown });

/** The problem document of an error. `instance` is the request's path, `traceId` what the operator finds it by in the log. */
export function problemOf(
  error: TurnledgerError,
  { instance, traceId }: { instance: string; traceId: string },
): Problem {
  const { status, title, retryable } = catalogue[error.code];
  const { detail, fields, members, headers } = error.extras;
  return {
    status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      'x-should-retry': String(retryable),
      // A store that is away, or an outcome not known yet: the page of errors tells clients to come back after this.
      ...(status === 503 && { 'retry-after': String(limits.http.retryAfterMs / 1_000) }),
      ...headers,
    },
    body: {
      type: `urn:turnledger:error:${error.code}`,
      title,
      status,
      ...(detail !== undefined && { detail }),
      instance,
      trace_id: traceId,
      code: error.code,
      ...(fields && { errors: fields }),
      ...members,
      error: {
        message: detail === undefined ? title : `${title}: ${detail}`,
        type: status < 500 ? 'invalid_request_error' : 'server_error',
        param: fields?.[0]?.pointer ?? null,
        code: error.code,
      },
    },
  };
}
