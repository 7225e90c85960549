export { type ExpiryPorts, expireTurns } from './expire-turns/expire-turns.ts';
export { readModels } from './read-models/read-models.ts';
export { enqueueOpenTurns, relay } from './relay/relay.ts';
export { type Projector, type ProjectorPorts, type ProjectorStatus, runProjector } from './run-projector.ts';
