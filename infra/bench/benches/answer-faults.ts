import type { Round } from './alternate-rounds.ts';

/** A sentence for each round in which an answer was wrong, with the first of them. */
export const answerFaults = (rounds: readonly Round[]): readonly string[] =>
  rounds
    .filter(({ figures }) => figures.failures > 0)
    .map(({ contender, mode, clients, figures }) => {
      return `${contender}, ${mode}, ${clients} clients: ${figures.failures} answers were wrong, such as: ${figures.failureTexts[0]}`;
    });
