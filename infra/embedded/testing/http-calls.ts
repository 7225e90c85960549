import type { TurnDocument } from '@turnledger/shared/contracts';
import type { ModelTwin } from '../../twins/model/index.ts';

/** The members that tests read from reply bodies; which of them are there is for the test to say. */
export interface ReplyBody extends TurnDocument {
  readonly log_position: string;
  readonly links: { readonly turn: string; readonly stream: string; readonly session: string };
  /** Of a problem. */
  readonly code: string;
  readonly reason: string;
  readonly turn_id: string;
  /** Of a list. */
  readonly data: readonly ReplyBody[];
  readonly has_more: boolean;
  readonly next_cursor: string;
}

/** A reply as a test looks at it; a body that is no JSON stays text. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: ReplyBody;
}

async function read(response: Response): Promise<HttpReply> {
  const text = await response.text();
  const { status, headers } = response;
  try {
    return { status, headers, text, body: JSON.parse(text) };
  } catch {
    return { status, headers, text, body: text as unknown as ReplyBody };
  }
}

export type HeaderRecord = { readonly [name: string]: string };

/** A client of one Turnledger. */
export interface HttpCalls {
  get(path: string, headers?: HeaderRecord): Promise<HttpReply>;
  post(path: string, body: unknown, headers?: HeaderRecord): Promise<HttpReply>;
  put(path: string, body: unknown, headers?: HeaderRecord): Promise<HttpReply>;
  /** POST /llm/generate. */
  generate(body: object, headers?: HeaderRecord): Promise<HttpReply>;
}

/** A client of the Turnledger at `url`; a string is sent as it is, any other body as JSON. `always` goes with every request. */
export const httpCalls = (url: string, always: HeaderRecord = {}): HttpCalls => {
  const send = async (method: string, path: string, body: unknown, headers: HeaderRecord = {}): Promise<HttpReply> =>
    read(
      await fetch(`${url}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...always, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    );
  const post: HttpCalls['post'] = (path, body, headers) => send('POST', path, body, headers);
  return {
    get: async (path, headers = {}) => read(await fetch(`${url}${path}`, { headers: { ...always, ...headers } })),
    post,
    put: (path, body, headers) => send('PUT', path, body, headers),
    generate: (body, headers) => post('/llm/generate', body, headers),
  };
};

/** What a process needs in its environment to ask this twin. */
export const askingTwin = (twin: ModelTwin): { readonly [name: string]: string } => ({
  OPENAI_BASE_URL: twin.url,
  OPENAI_API_KEY: 'sk-of-a-test',
  TURNLEDGER_MODEL: 'twin-1',
});
