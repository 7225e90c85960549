export type { EventStoreFault, EventStoreFaultSpec } from './event-store-fault.ts';
export { type EventStoreTwin, type EventStoreTwinOptions, startEventStoreTwin } from './event-store-twin.ts';
export type { EventStoreFaults } from './fault-switch.ts';
