interface CatalogueEntry {
  readonly status: number;
  readonly title: string;
  /** Whether the same request can succeed later without being changed; becomes `x-should-retry`. */
  readonly retryable: boolean;
}

/** Every error Turnledger answers or ends with. Codes are for good; texts may be improved. */
export const catalogue = {
  request_malformed: { status: 400, title: 'The body is not valid JSON', retryable: false },
  prompt_empty: { status: 400, title: 'The prompt is empty', retryable: false },
  token_missing: { status: 401, title: 'A Bearer token is needed here', retryable: false },
  token_invalid: { status: 401, title: 'The token is not one of ours, or has expired', retryable: false },
  role_not_allowed: { status: 403, title: 'The token does not have a role for this', retryable: false },
  host_not_allowed: { status: 403, title: 'This Host is not served here', retryable: false },
  origin_not_allowed: { status: 403, title: 'This Origin may not call here', retryable: false },
  route_not_found: { status: 404, title: 'There is no such address', retryable: false },
  scenario_not_found: { status: 404, title: 'There is no such scenario', retryable: false },
  session_not_found: { status: 404, title: 'There is no such session', retryable: false },
  turn_not_found: { status: 404, title: 'There is no such turn', retryable: false },
  player_not_found: { status: 404, title: 'There is no such player', retryable: false },
  method_not_allowed: { status: 405, title: 'The address does not take this method', retryable: false },
  turn_open: { status: 409, title: 'Another turn of this session is still open', retryable: false },
  turn_cancelled: { status: 409, title: 'The turn was cancelled', retryable: false },
  turn_already_ended: { status: 409, title: 'The turn has already ended', retryable: false },
  session_ended: { status: 409, title: 'The session has ended', retryable: false },
  session_turn_limit: { status: 409, title: 'The session has used all its turns', retryable: false },
  scenario_retired: { status: 409, title: 'The scenario has been retired', retryable: false },
  player_not_in_session: { status: 409, title: 'The player takes no part in this session', retryable: false },
  stream_contended: { status: 409, title: 'Too many writers at once; nothing was recorded', retryable: true },
  player_erased: { status: 410, title: 'The player was erased', retryable: false },
  scenario_version_mismatch: {
    status: 412,
    title: 'The scenario is not as If-Match names it',
    retryable: false,
  },
  session_revision_mismatch: {
    status: 412,
    title: 'The session has another revision than If-Match names',
    retryable: false,
  },
  player_revision_mismatch: {
    status: 412,
    title: 'The player has another revision than If-Match names',
    retryable: false,
  },
  prompt_too_large: { status: 413, title: 'The prompt is over 32 KiB', retryable: false },
  state_too_large: { status: 413, title: 'The game state, or what a trigger brings, is over 64 KiB', retryable: false },
  move_schema_too_large: { status: 413, title: 'The schema of moves is over 16 KiB', retryable: false },
  body_too_large: { status: 413, title: 'The body is over 256 KiB', retryable: false },
  media_type_unsupported: { status: 415, title: 'The body must be application/json', retryable: false },
  request_invalid: { status: 422, title: 'The request does not have the right shape', retryable: false },
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key was used with another body', retryable: false },
  endpoint_unknown: { status: 422, title: 'The operator has configured no such endpoint', retryable: false },
  move_schema_invalid: { status: 422, title: 'The schema of moves cannot be used', retryable: false },
  model_not_in_scenario: { status: 422, title: 'The scenario does not offer this model', retryable: false },
  too_many_open_turns: { status: 429, title: 'Too many turns are open already', retryable: true },
  too_many_turns: { status: 429, title: 'Turns are asked for faster than is allowed', retryable: true },
  internal: { status: 500, title: 'Something broke on our side', retryable: true },
  turn_failed: { status: 502, title: 'The turn ended without a usable answer', retryable: false },
  store_unavailable: { status: 503, title: 'A store did not answer', retryable: true },
  outcome_unknown: {
    status: 503,
    title: 'The log did not say whether the turn was recorded; ask again with the same key',
    retryable: true,
  },
  turn_still_open: { status: 503, title: 'The turn has not ended yet; ask again with the same key', retryable: true },
  service_unavailable: { status: 503, title: 'The service behind this address did not answer', retryable: true },
  view_behind: { status: 503, title: 'The view has not reached that position yet', retryable: true },
  turn_timed_out: { status: 504, title: 'The turn did not end within its deadline', retryable: false },
  key_unknown: { status: 500, title: 'A data key is missing from the vault', retryable: false },
  key_mismatch: { status: 500, title: 'The master key is not the one that wrapped this vault', retryable: false },
  event_unknown: { status: 500, title: 'The log holds an event that this version does not know', retryable: false },
  event_invalid: { status: 500, title: 'An event does not have its recorded shape', retryable: false },
  config_invalid: { status: 500, title: 'The configuration is wrong', retryable: false },
  data_folder_in_use: { status: 500, title: 'Another Turnledger uses this data folder', retryable: false },
  data_folder_unusable: { status: 500, title: 'The data folder cannot be used', retryable: false },
  port_taken: { status: 500, title: 'The port is taken', retryable: false },
  engine_missing: { status: 500, title: 'A program that this needs is not installed', retryable: false },
  engine_ended: { status: 500, title: 'A server of ours did not start, or ended by itself', retryable: false },
  invariant_broken: { status: 500, title: 'A rule of the program itself does not hold', retryable: false },
} as const satisfies { readonly [code: string]: CatalogueEntry };

export type ErrorCode = keyof typeof catalogue;
