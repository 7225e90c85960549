// caught: plugin, the Clock port
export const startedMs = performance.now();
