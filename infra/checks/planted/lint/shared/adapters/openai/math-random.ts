// caught: plugin, the Ids port
export const jitter = (): number => Math.random();
