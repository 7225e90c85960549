import type { Model, ModelEvent, ModelRequest } from '@turnledger/shared/ports';
import { Arrivals, endsWell, says } from '@turnledger/shared/testing';

/** What is said to a request: a whole reply, or every event of one. */
export type Answer = (request: ModelRequest) => string | readonly ModelEvent[];

/** A model that answers by a function of what it is asked; while it is held, requests wait. */
export class AnsweringModel implements Model {
  readonly isScripted = false;
  readonly defaultModel: string;
  readonly #answer: Answer;
  readonly asked = new Arrivals<ModelRequest>();
  #opened: Promise<void> = Promise.resolve();
  #open: () => void = () => {};

  constructor(defaultModel: string, answer: Answer) {
    this.defaultModel = defaultModel;
    this.#answer = answer;
  }

  hold(): void {
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  release(): void {
    this.#open();
  }

  async *reply(request: ModelRequest, _callId: string, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    this.asked.add(request);
    await Promise.race([this.#opened, new Promise((resolve) => signal.addEventListener('abort', resolve))]);
    if (signal.aborted) return;
    const answer = this.#answer(request);
    yield* typeof answer === 'string' ? [...(says(answer) as readonly ModelEvent[]), endsWell as ModelEvent] : answer;
  }
}

/** The text that a request ends with. */
export const lastWords = ({ messages }: ModelRequest): string => messages.at(-1)?.content ?? '';

/** A model that says what it has heard last. */
export const echo = (name: string) => new AnsweringModel(name, (request) => `${name} hears: ${lastWords(request)}`);
