import type { Model, ModelEvent, ModelRequest, ModelUsage } from '../ports/index.ts';
import { Arrivals } from './arrivals.ts';

/**
 * What a programmed model does, in order: says an event of the port, `hold`s until the test lets it go on or the caller aborts, `hang`s
 * for good whatever the caller aborts, or `throw`s. A program that is over ends the iterator, with or without an ending said.
 */
export type ModelStep = ModelEvent | { readonly kind: 'hold' } | { readonly kind: 'hang' } | { readonly kind: 'throw' };

/** One request that a programmed model got. */
export interface ProgrammedCall {
  readonly request: ModelRequest;
  readonly callId: string;
  readonly signal: AbortSignal;
  /** One item for each `hold` that was reached: await it, then the model stands still. */
  readonly holding: Arrivals<number>;
  /** Lets the `hold` that is reached, or the next one to be, go on. */
  release(): void;
}

export const says = (...texts: readonly string[]): readonly ModelStep[] =>
  texts.map((text) => ({ kind: 'delta', text }));

export const sampleModelUsage: ModelUsage = { input: 40, cached: 0, output: 7, reasoning: 0 };

export const endsWell: ModelStep = {
  kind: 'ended',
  finishReason: 'stop',
  model: 'some-model',
  usage: sampleModelUsage,
};

/** A model that does what a test wrote down: one program a call, the last one again and again. */
export class ProgrammedModel implements Model {
  readonly defaultModel = 'programmed';
  readonly isScripted = false;
  readonly calls = new Arrivals<ProgrammedCall>();
  readonly #programs: readonly (readonly ModelStep[])[];

  constructor(...programs: readonly (readonly ModelStep[])[]) {
    this.#programs = programs;
  }

  reply(request: ModelRequest, callId: string, signal: AbortSignal): AsyncIterable<ModelEvent> {
    const program = this.#programs[Math.min(this.calls.all.length, this.#programs.length - 1)] ?? [
      ...says('Aye.'),
      endsWell,
    ];
    const holding = new Arrivals<number>();
    const releases = new Arrivals<number>();
    const release = () => releases.add(releases.all.length);
    signal.addEventListener('abort', () => program.forEach(release), { once: true });
    this.calls.add({ request, callId, signal, holding, release });
    return play(program, signal, async () => {
      holding.add(holding.all.length);
      await releases.until(holding.all.length);
    });
  }
}

async function* play(
  program: readonly ModelStep[],
  signal: AbortSignal,
  hold: () => Promise<void>,
): AsyncGenerator<ModelEvent> {
  for (const step of program) {
    switch (step.kind) {
      case 'hang':
        await new Promise(() => {});
        break;
      case 'hold':
        await hold();
        break;
      case 'throw':
        throw new TypeError('a model that breaks its promise');
      default:
        yield step;
    }
    if (signal.aborted) return;
  }
}
