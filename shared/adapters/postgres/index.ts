export * from './connection.ts';
export * from './migrate.ts';
export * from './postgres-event-log.ts';
export * from './postgres-key-vault.ts';
export * from './postgres-leadership.ts';
export * from './postgres-view-database.ts';
export * from './postgres-view-store.ts';
