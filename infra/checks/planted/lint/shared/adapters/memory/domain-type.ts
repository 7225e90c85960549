// allowed: an adapter carries what the domain decided
import type { SessionEvent, TurnStatus } from '../../domain/index.ts';

export const statusOf = (_event: SessionEvent<'sealed'>): TurnStatus => 'requested';
