// caught: plugin, the Ids port
export const requestId = (): string => crypto.randomUUID();
