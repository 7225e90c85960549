export { createLeanFetch, type LeanFetch, type LeanFetchOptions } from './lean-fetch.ts';
export { createOpenAiModel, type OpenAiModelOptions } from './openai-model.ts';
