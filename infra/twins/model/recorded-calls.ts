import type { IncomingHttpHeaders } from 'node:http';

/** A request the twin has seen. */
export interface RecordedCall {
  /** Milliseconds since the twin started. */
  readonly atMs: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came. */
  readonly body: string;
  /** True when the client closed the connection before the answer was written. */
  readonly isAborted: boolean;
  /** When its answer had been written, or its connection was gone, on the clock of `atMs`; undefined while it is under way. */
  readonly endedAtMs: number | undefined;
}

export interface CallRecorder {
  readonly calls: readonly RecordedCall[];
  /** How many there were, recorded or dropped. */
  readonly total: number;
  add(call: Omit<RecordedCall, 'isAborted' | 'endedAtMs'>): {
    markEnded(atMs: number, how: { readonly isAborted: boolean }): void;
  };
  clear(): void;
}

/** The newest half is kept when either is passed, so that a benchmark of millions of calls keeps its memory flat. */
const MAX_CALLS = 10_000;
const MAX_BODY_CHARS = 32 * 1024 * 1024;

export const createCallRecorder = (): CallRecorder => {
  let calls: RecordedCall[] = [];
  let bodyChars = 0;
  let total = 0;
  return {
    get calls() {
      return calls;
    },
    get total() {
      return total;
    },
    add(call) {
      const recorded: { -readonly [field in keyof RecordedCall]: RecordedCall[field] } = {
        ...call,
        isAborted: false,
        endedAtMs: undefined,
      };
      calls.push(recorded);
      total += 1;
      bodyChars += call.body.length;
      while (calls.length > MAX_CALLS || (bodyChars > MAX_BODY_CHARS && calls.length > 1)) {
        calls = calls.slice(Math.ceil(calls.length / 2));
        bodyChars = calls.reduce((sum, { body }) => sum + body.length, 0);
      }
      return {
        markEnded(atMs, { isAborted }) {
          recorded.isAborted = isAborted;
          recorded.endedAtMs = atMs;
        },
      };
    },
    clear() {
      calls = [];
      bodyChars = 0;
      total = 0;
    },
  };
};
