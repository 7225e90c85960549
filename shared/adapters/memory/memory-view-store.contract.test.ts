import { describeViewStore } from '../../testing/view-store-contract.ts';
import { openMemoryViewStore } from './memory-view-store.ts';

describeViewStore('memory', async () => {
  const store = openMemoryViewStore();
  return { open: async () => store, close: async () => undefined };
});
