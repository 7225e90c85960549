import { TurnledgerProblem } from './turnledger-problem.ts';

/** One event of a text/event-stream. */
export interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/**
 * Reads text/event-stream (WHATWG HTML, 9.2) from bytes that may be cut anywhere, also inside a character or between CR and LF. An event
 * that its stream broke off is never given out.
 */
export class SseParser {
  readonly #maxEventChars: number;
  readonly #decoder = new TextDecoder();
  #line = '';
  #isAfterCarriageReturn = false;
  #data: string[] = [];
  #dataChars = 0;
  #event = '';
  #id = '';
  #lastId = '';
  #retryMs: number | undefined;

  /** `maxEventChars` bounds a line as well as the data of an event. */
  constructor(maxEventChars: number) {
    this.#maxEventChars = maxEventChars;
  }

  /** The pause the service wants before a reconnect, milliseconds; undefined until it said so. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /** The id to come back with: of the last event, or one that came without an event; '' until there was one. */
  get lastId(): string {
    return this.#lastId;
  }

  /** Takes the next bytes and gives the events they complete. Throws `answer_unreadable` when one is too long. */
  push(bytes: Uint8Array): readonly ServerSentEvent[] {
    const text = this.#decoder.decode(bytes, { stream: true });
    const events: ServerSentEvent[] = [];
    let from = 0;
    for (const { 0: end, index } of text.matchAll(/[\r\n]/g)) {
      const isSecondHalf = end === '\n' && this.#isAfterCarriageReturn && index === from;
      const piece = text.slice(from, index);
      from = index + 1;
      this.#isAfterCarriageReturn = end === '\r';
      if (isSecondHalf) continue;
      this.#append(piece);
      const event = this.#takeLine();
      if (event) events.push(event);
    }
    if (from < text.length) {
      this.#isAfterCarriageReturn = false;
      this.#append(text.slice(from));
    }
    return events;
  }

  #append(piece: string): void {
    this.#line += piece;
    if (this.#line.length + this.#dataChars > this.#maxEventChars) {
      throw new TurnledgerProblem('answer_unreadable', {
        detail: `an event is over ${this.#maxEventChars} characters`,
      });
    }
  }

  #takeLine(): ServerSentEvent | undefined {
    const line = this.#line;
    this.#line = '';
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') {
      this.#data.push(value);
      this.#dataChars += value.length + 1;
    } else if (name === 'event') this.#event = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^\d{1,9}$/.test(value)) this.#retryMs = Number(value);
    return undefined;
  }

  #dispatch(): ServerSentEvent | undefined {
    const event = { id: this.#id, event: this.#event || 'message', data: this.#data.join('\n') };
    const isEmpty = this.#data.length === 0;
    this.#lastId = this.#id;
    this.#data = [];
    this.#dataChars = 0;
    this.#event = '';
    return isEmpty ? undefined : event;
  }
}
