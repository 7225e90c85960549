// allowed: crypto is what trust is for
import { createHash } from 'node:crypto';

export const hash = createHash;
