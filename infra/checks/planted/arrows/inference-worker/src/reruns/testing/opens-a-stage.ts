// allowed: what tests of one service share may open adapters and play samples
import { room as adapter } from '@turnledger/shared/adapters/memory';
import { room as samples } from '@turnledger/shared/testing';

export const stage = [adapter, samples];
