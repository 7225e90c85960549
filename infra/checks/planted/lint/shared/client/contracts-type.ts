// allowed: types vanish when compiled
import type { ErrorCode } from '../contracts/index.ts';

export type { ErrorCode } from '../contracts/index.ts';
export const known = (code: ErrorCode): string => code;
