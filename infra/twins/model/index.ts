export { type CompletionRequest, lastUserMessage, parseCompletionRequest } from './completion-texts.ts';
export { type BehaviourPlan, type ModelTwin, type ModelTwinOptions, startModelTwin } from './model-twin.ts';
export type { RecordedCall } from './recorded-calls.ts';
export { behaviourSchema, type TwinBehaviour, type TwinFault } from './twin-behaviour.ts';
