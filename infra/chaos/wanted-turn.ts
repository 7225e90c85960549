import type { UserInput } from '@turnledger/shared/client';

/** A turn that a client wants, under its one key. */
export interface WantedTurn {
  readonly key: string;
  readonly input: UserInput;
}

/** What the character is told of it, in the words of the domain's rule and not by its code. */
export const promptOf = ({ input }: WantedTurn): string =>
  typeof input === 'string' ? input : JSON.stringify({ game_event: input.trigger });
