/** The door of the history checker: apart from the suites' door, since a program outside of jest judges with it. */
export type * from './history-checker/history.ts';
export { judge } from './history-checker/judge.ts';
export { openLog } from './history-checker/open-log.ts';
export { turnIdOfKey } from './history-checker/operations.ts';
