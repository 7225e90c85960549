export { type CachesPorts, caches } from './caches/caches.ts';
export { type ExpiryPorts, expireTurns } from './expire-turns/expire-turns.ts';
export { prepareReadModels, readModels } from './read-models/read-models.ts';
export { durableRelay, enqueueOpenTurns, relay } from './relay/relay.ts';
export { type RequeuePorts, requeueLostTurns } from './relay/requeue-lost-turns.ts';
export { type Projector, type ProjectorPorts, type ProjectorStatus, runProjector } from './run-projector.ts';
export { type ProjectorsAdapters, startProjectors } from './start-projectors.ts';
