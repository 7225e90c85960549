import { type Agent, request } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** From the request to the end of the answer, milliseconds. */
  readonly totalMs: number;
  /** From the request to the first piece of the answer that completes `mark`; undefined when none did. */
  readonly markMs: number | undefined;
}

export interface HttpGet {
  readonly agent: Agent;
  readonly url: URL;
  readonly path: string;
}

export interface HttpPost extends HttpGet {
  readonly headers: { readonly [name: string]: string };
  readonly body: object;
  /** Looked for in the text as it grows. */
  readonly mark?: RegExp;
}

/** A request that is not answered by then fails: a round must end. */
const ANSWER_WITHIN_MS = 30_000;

/** Sends JSON and reads the whole answer; rejects with the system's error when the connection is lost. */
export function postJson({ body, headers, mark, ...where }: HttpPost): Promise<HttpAnswer> {
  const payload = JSON.stringify(body);
  const described = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload), ...headers };
  return exchange(where, { method: 'POST', headers: described }, payload, mark);
}

/** Asks for something and reads the whole answer; rejects as `postJson` does. */
export const getText = (where: HttpGet): Promise<HttpAnswer> => exchange(where, { method: 'GET', headers: {} });

function exchange(
  { agent, url, path }: HttpGet,
  about: { readonly method: string; readonly headers: { readonly [name: string]: string | number } },
  payload?: string,
  mark?: RegExp,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const startedAtMs = performance.now();
    const call = request(
      { agent, host: url.hostname, port: url.port, path, timeout: ANSWER_WITHIN_MS, ...about },
      (response) => {
        let text = '';
        let markMs: number | undefined;
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
          if (mark !== undefined && markMs === undefined && mark.test(text)) markMs = performance.now() - startedAtMs;
        });
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text, totalMs: performance.now() - startedAtMs, markMs });
        });
      },
    );
    call.on('error', reject);
    call.on('timeout', () => call.destroy());
    call.end(payload);
  });
}
