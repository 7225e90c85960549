import { createOpenAiModel } from '@turnledger/shared/adapters/openai';
import { modelContract } from '@turnledger/shared/testing';
import { startModelTwin } from './index.ts';

modelContract('openai', async () => {
  const twin = await startModelTwin({ host: '127.0.0.1', behaviour: { tokenDelayMs: 2 } });
  const model = createOpenAiModel({ baseUrl: twin.url, defaultModel: 'some-model' });
  return { model, close: () => twin.close() };
});
