import { openModels, startInferenceWorker } from '@turnledger/inference-worker';
import { failingModel } from '../failing-ports.ts';
import { armedByParent } from './armed-by-parent.ts';
import { failingStores, openFailingQueue } from './failing-adapters.ts';

/** The inference-worker as `main.ts` starts it, with places to die in. */
const pass = armedByParent();
await startInferenceWorker({
  ...failingStores(pass),
  openQueue: (options) => openFailingQueue(options, pass),
  openModels: (endpoints) =>
    new Map([...openModels(endpoints)].map(([name, model]) => [name, failingModel(model, pass)])),
});
