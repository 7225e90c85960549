// allowed: a service and a door it may use
import { room } from '@turnledger/shared/contracts';

export const answer = room;
