import { startQueryApi } from '@turnledger/query-api';
import { armedByParent } from './armed-by-parent.ts';
import { failingFeed, failingStores } from './failing-adapters.ts';

/** The query-api as `main.ts` starts it, with places to die in. */
const pass = armedByParent();
const stores = failingStores(pass);
await startQueryApi({ ...stores, openFeed: (redis) => failingFeed(stores.openFeed(redis), pass) });
