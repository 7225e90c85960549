import type { Turn, TurnEvent } from '@turnledger/shared/client';
import { visibleText } from '../terminal/visible.ts';
import { endingLines } from './turn-text.ts';

export interface ReplyOutput {
  /** Takes the words of the reply, piece by piece. */
  write(text: string): unknown;
  /** Takes a whole line about the reply. */
  note(line: string): unknown;
}

/**
 * Writes a turn's reply as its events come. A higher attempt starts the text anew, which is said in a line, for what was printed stays. The
 * ending's text is the truth: what is missing of it is written, and all of it where the words before were others.
 */
export class ReplyText {
  readonly #output: ReplyOutput;
  #told = '';

  constructor(output: ReplyOutput) {
    this.#output = output;
  }

  take(event: TurnEvent): void {
    if (event.type === 'turn.started' && event.isRestart) this.#restart(`attempt ${event.attempt}`);
    else if (event.type === 'reply.delta') this.#say(event.text);
    else if ('turn' in event) this.#end(event.turn);
  }

  /** Ends the line of words that nobody will go on with. */
  breakOff(): void {
    if (this.#told !== '') this.#output.write('\n');
    this.#told = '';
  }

  #say(text: string): void {
    this.#told += text;
    this.#output.write(visibleText(text));
  }

  #restart(why: string): void {
    const hasWords = this.#told !== '';
    this.breakOff();
    this.#output.note(hasWords ? `(${why}: the reply starts anew)` : `(${why})`);
  }

  #end(turn: Turn): void {
    const whole = turn.response ?? this.#told;
    if (!whole.startsWith(this.#told)) this.#restart('as it was recorded');
    this.#say(whole.slice(this.#told.length));
    this.breakOff();
    const [reason, ...instead] = endingLines(turn);
    if (reason !== undefined) this.#output.note(reason);
    for (const line of instead) this.#output.write(`${line}\n`);
  }
}
