// caught: plugin, the Ids port
import { randomUUID } from 'node:crypto';

export const requestId = (): string => randomUUID();
