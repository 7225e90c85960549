// allowed: the one place that asks the machine
import { randomBytes } from 'node:crypto';

export const nowMs = (): number => Date.now();
export const noise = (): Buffer => randomBytes(8);
