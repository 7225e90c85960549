import { startProjectors } from '@turnledger/projectors';
import { armedByParent } from './armed-by-parent.ts';
import { failingStores, openFailingQueue } from './failing-adapters.ts';

/** The projectors as `main.ts` starts them, with places to die in. */
const pass = armedByParent();
await startProjectors(process.argv.slice(2), {
  ...failingStores(pass),
  openQueue: (options) => openFailingQueue(options, pass),
});
