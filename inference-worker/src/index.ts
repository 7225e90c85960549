export { assemblePrompt } from './assemble-prompt.ts';
export { createWorker, type Worker } from './consume-turns.ts';
export { watchHolders } from './holder-watch.ts';
export { openModels, pricesOf } from './open-models.ts';
export type { ClaimHolders, HeldClaim, WorkerPorts } from './ports.ts';
export { leadReruns, type RerunLead } from './reruns/lead-reruns.ts';
export { type InferenceWorkerAdapters, startInferenceWorker } from './start-inference-worker.ts';
