export { queryRoutes } from './app.ts';
export type { QueryPorts } from './ports.ts';
export { type QueryApiAdapters, startQueryApi } from './start-query-api.ts';
