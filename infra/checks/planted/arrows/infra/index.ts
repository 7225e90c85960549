// allowed: infra uses every door
import { room as adapter } from '@turnledger/shared/adapters/memory';
import { room as domain } from '@turnledger/shared/domain';

export const rooms = [adapter, domain];
