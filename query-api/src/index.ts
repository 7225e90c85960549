export { queryRoutes } from './app.ts';
export type { QueryPorts } from './ports.ts';
