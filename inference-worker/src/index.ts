export { assemblePrompt, assemblerVersion } from './assemble-prompt.ts';
export { createWorker, type Worker } from './consume-turns.ts';
export type { ClaimHolders, WorkerPorts } from './ports.ts';
