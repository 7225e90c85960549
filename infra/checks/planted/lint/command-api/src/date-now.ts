// caught: plugin, the Clock port
export const startedMs = Date.now();
