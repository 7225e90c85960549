export * from './allowed-callers.ts';
export * from './build-http-app.ts';
export * from './caller.ts';
export * from './path-parameter.ts';
export * from './problem.ts';
export * from './route.ts';
