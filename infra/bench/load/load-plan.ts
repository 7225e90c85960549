/** Who is asked, and in which language. All play conversations of `turnsPerSession` turns and show the model the same window of them. */
export type LoadTarget =
  /** Turnledger: a session is opened over HTTP for each conversation, its turns carry a key each. */
  | { readonly kind: 'turnledger'; readonly url: string; readonly scenarioId: string }
  /** An endpoint of OpenAI's shape, by the same lean HTTP: a gateway, or the model itself. The client keeps the history. */
  | { readonly kind: 'chat'; readonly url: string; readonly headers: { readonly [name: string]: string } }
  /** The `openai` SDK in the generator's own process, straight on the model. */
  | { readonly kind: 'sdk'; readonly url: string };

export type LoadMode = 'json' | 'sse';

/** One round of load. */
export interface LoadPlan {
  readonly target: LoadTarget;
  readonly mode: LoadMode;
  /** How many play at once; each waits for its answer before it speaks again. */
  readonly clients: number;
  /** No turn begins after this. */
  readonly seconds: number;
  /** Nor after so many, over all clients. */
  readonly maxTurns: number;
  readonly turnsPerSession: number;
  /** Turns of history in a prompt. */
  readonly windowTurns: number;
  /** No turn begins before its place at this rate, over all clients; as fast as they are answered where it is not named. */
  readonly turnsPerSecond?: number;
  /** The figures tell of each turn when it was asked and answered; of Turnledger's alone. */
  readonly tellsTurns?: boolean;
  /** Each session is read back, over the same address, when its turns are played; not in a turn's time. Of Turnledger's alone. */
  readonly readsBack?: boolean;
}

/** Where a share of the values lies, milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** A turn as its client saw it, whole milliseconds since the epoch. */
export interface ToldTurn {
  readonly turnId: string;
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
}

/** What a round came to. */
export interface LoadFigures {
  /** Answered, and the answer was checked: status, text, id. */
  readonly turns: number;
  /** Different ids among them; of a target that names none, as many as turns. */
  readonly distinctTurns: number;
  readonly turnsPerSecond: number;
  readonly totalMs: Percentiles;
  /** From the request to the first text of the reply; of a JSON answer that is its end. */
  readonly firstDeltaMs: Percentiles;
  readonly failures: number;
  /** The first three, in words. */
  readonly failureTexts: readonly string[];
  /** What the generator itself used of one processor, 0 to 1 and a little more. */
  readonly generatorLoad: number;
  /** Where the plan asks for them. */
  readonly toldTurns?: readonly ToldTurn[];
}
