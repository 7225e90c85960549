import type { HeaderRecord, HttpCalls, HttpReply } from './http-calls.ts';

/** A request about something that belongs to somebody; `{session}` and `{turn}` stand for its ids. */
export interface OwnedAddress {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly headers?: HeaderRecord;
  /** What a missing one is refused with. */
  readonly missing: 'session_not_found' | 'turn_not_found';
  /** An answer that does not end while the session goes on. */
  readonly isEndless?: boolean;
  /** A player's token has no business there, whatever the id. */
  readonly isForGames?: boolean;
}

const session = '/v1/sessions/{session}';
const turn = `${session}/turns/{turn}`;

const get = (path: string, missing: OwnedAddress['missing'], headers: HeaderRecord = {}): OwnedAddress => ({
  method: 'GET',
  path,
  missing,
  headers,
});
const post = (path: string, body: object, missing: OwnedAddress['missing'] = 'session_not_found'): OwnedAddress => ({
  method: 'POST',
  path,
  body,
  missing,
});

/** Every address under which a session or a turn can be reached, by its path or by a field of a body. */
export const ownedAddresses: readonly OwnedAddress[] = [
  get(session, 'session_not_found'),
  get(`${session}/turns`, 'session_not_found'),
  get(`${session}/turns?cursor=WyJzZXNzaW9uX3R1cm5zIiwwXQ&limit=1`, 'session_not_found'),
  get(`${session}/replay`, 'session_not_found'),
  get(`${session}/replay?at_turn={turn}`, 'session_not_found'),
  get(`${session}/replay?speed=max`, 'session_not_found', { accept: 'text/event-stream' }),
  { ...get(`${session}/events`, 'session_not_found', { accept: 'text/event-stream' }), isEndless: true },
  { ...get(`${session}/events?from=start`, 'session_not_found'), isEndless: true },
  { ...get(`${session}/events?after=10000000001`, 'session_not_found'), isEndless: true },
  get(`${session}/state`, 'session_not_found'),
  get(`${session}/lineage`, 'session_not_found'),
  get(`${session}/turns?rewound=include`, 'session_not_found'),
  get(turn, 'turn_not_found'),
  get(`${turn}/stream`, 'turn_not_found'),
  get(`${turn}/stream?after=1000000000`, 'turn_not_found'),
  get(`${turn}/stream`, 'turn_not_found', { 'last-event-id': '1000000' }),
  post(`${session}/turns`, { prompt: 'Let me in.' }),
  post(`${session}/turns`, { prompt: 'Let me in.', stream: true }),
  post(`${session}/end`, {}),
  post(`${session}/bookmarks`, {}),
  post(`${session}/rewind`, { to_turn_id: '{turn}' }),
  post(`${session}/rewind`, { to_turn_id: null }),
  post(`${session}/fork`, {}),
  post(`${session}/fork`, { at_turn_id: '{turn}' }),
  { ...post(`${session}/reruns`, {}), isForGames: true },
  { ...post(`${session}/reruns`, { through_turn_id: '{turn}', dry_run: true }), isForGames: true },
  { ...post(`${session}/reconfigure`, { scenario_version: 1 }), isForGames: true },
  post(`${turn}/cancel`, {}, 'turn_not_found'),
  { ...post(`${turn}/move`, { verdict: 'accepted', state_rev: 8 }, 'turn_not_found'), isForGames: true },
  post('/llm/generate', { prompt: 'Let me in.', session_id: '{session}' }),
  post('/llm/generate', { prompt: 'Let me in.', session_id: '{session}', stream: true }),
];

export interface OwnedIds {
  readonly session: string;
  readonly turn: string;
}

/** Sends one of them about these ids. */
export function askAbout(calls: HttpCalls, address: OwnedAddress, ids: OwnedIds): Promise<HttpReply> {
  const fill = (text: string) => text.replaceAll('{session}', ids.session).replaceAll('{turn}', ids.turn);
  const { method, path, body, headers } = address;
  return method === 'GET'
    ? calls.get(fill(path), headers)
    : calls.post(fill(path), fill(JSON.stringify(body ?? {})), headers);
}

/** Everything a client can see of a reply, with what may differ from request to request taken out. */
export function comparable({ status, headers, text }: HttpReply, ids: OwnedIds) {
  const seen = Object.fromEntries([...headers].filter(([name]) => name !== 'date'));
  const same = text
    .replaceAll(ids.session, '{session}')
    .replaceAll(ids.turn, '{turn}')
    .replace(/"trace_id":"[0-9a-f]{32}"/, '"trace_id":"…"');
  return { status, headers: seen, text: same };
}
