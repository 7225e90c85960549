import { systemClock as clock } from '@turnledger/shared/adapters/system';
import { type Caller, signToken } from '@turnledger/shared/runtime';
import type { HeaderRecord } from './http-calls.ts';

const SECRET = 'a secret of a test, 32 bytes and more';
const HOUR_MS = 3_600_000;

/** What a process needs in its environment to ask for tokens. */
export const askingForTokens: { readonly [name: string]: string } = { TURNLEDGER_JWT_SECRET: SECRET };

/** The header of a caller whose token such a process takes. */
const bearerOf = async (caller: Caller): Promise<HeaderRecord> => ({
  authorization: `Bearer ${await signToken(caller, { secret: Buffer.from(SECRET), clock, lifetimeMs: HOUR_MS })}`,
});

export const playerToken = (subject: string, gameId?: string): Promise<HeaderRecord> =>
  bearerOf({ subject, role: 'player', ...(gameId !== undefined && { gameId }) });

export const gameToken = (gameId?: string): Promise<HeaderRecord> =>
  bearerOf({ subject: 'back-end', role: 'game', ...(gameId !== undefined && { gameId }) });

export const operatorToken = (): Promise<HeaderRecord> => bearerOf({ subject: 'someone', role: 'operator' });
