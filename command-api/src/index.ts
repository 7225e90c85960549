export { commandRoutes } from './app.ts';
export type { CommandPorts } from './ports.ts';
export { publishDefaultScenario } from './publish-default-scenario.ts';
export { type CommandApiAdapters, startCommandApi } from './start-command-api.ts';
