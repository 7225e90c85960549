// caught: trust-imports-crypto
import { readFileSync } from 'node:fs';

export const read = readFileSync;
