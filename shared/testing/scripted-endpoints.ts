import { TurnledgerError } from '../contracts/index.ts';
import type { ViewDatabase } from '../ports/index.ts';
import { endpointFacts, type KnownEndpoints } from '../runtime/index.ts';

/** Endpoints of these names, as an operator would have them who configured no model. */
export const scriptedEndpoints = (...names: readonly string[]): KnownEndpoints =>
  endpointFacts(new Map(names.map((name) => [name, { kind: 'scripted', wordDelayMs: 0 }])));

/** Tables that are away: memory has none. */
export const absentViews: ViewDatabase = { query: () => Promise.reject(new TurnledgerError('store_unavailable')) };
