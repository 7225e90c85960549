import { catalogue, isTurnledgerError, TurnledgerError } from '../../contracts/index.ts';

/** An error as it goes over the wire: RFC 9457, plus the `error` member that is all OpenAI's SDKs read. */
export interface Problem {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: { readonly [member: string]: unknown };
}

/** What the HTTP layer itself throws for a body it could not read (raw-body, co-body), by its status. */
const bodyErrors: { readonly [status: number]: TurnledgerError } = {
  400: new TurnledgerError('request_malformed'),
  413: new TurnledgerError('body_too_large'),
  415: new TurnledgerError('media_type_unsupported'),
};

/** Any thrown value as one of ours; what is not from the catalogue is `internal` and tells a client nothing more. */
export function toTurnledgerError(thrown: unknown): TurnledgerError {
  if (isTurnledgerError(thrown)) return thrown;
  const status = typeof thrown === 'object' && thrown !== null && 'status' in thrown ? Number(thrown.status) : 0;
  return bodyErrors[status] ?? new TurnledgerError('internal', { cause: thrown });
}

/** The problem document of an error. `instance` is the request's path, `traceId` what the operator finds it by in the log. */
export function problemOf(error: TurnledgerError, { instance, traceId }: { instance: string; traceId: string }): Problem {
  const { status, title, retryable } = catalogue[error.code];
  const { detail, fields, members, headers } = error.extras;
  return {
    status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', 'x-should-retry': String(retryable), ...headers },
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
