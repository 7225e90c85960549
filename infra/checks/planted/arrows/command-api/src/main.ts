// allowed: main.ts chooses the adapters
import { room } from '@turnledger/shared/adapters/memory';

export const adapter = room;
