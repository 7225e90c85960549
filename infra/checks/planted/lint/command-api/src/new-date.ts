// caught: plugin, the Clock port
export const started = new Date();
