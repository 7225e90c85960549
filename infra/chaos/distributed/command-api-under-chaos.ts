import { startCommandApi } from '@turnledger/command-api';
import { MemoryRateCounter } from '@turnledger/shared/adapters/memory';
import { RedisRateCounter } from '@turnledger/shared/adapters/redis';
import { armedByParent } from './armed-by-parent.ts';
import { failingStores } from './failing-adapters.ts';

/** The command-api as `main.ts` starts it, with places to die in. */
const stores = failingStores(armedByParent());
const { clock } = stores;
await startCommandApi({
  ...stores,
  openTurnRate: (redis, perMinute) =>
    new RedisRateCounter({ redis, perMinute, own: new MemoryRateCounter({ perMinute, clock }) }),
});
