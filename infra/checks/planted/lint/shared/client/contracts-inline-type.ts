// caught: plugin, types alone of contracts
import { type ErrorCode, limits } from '../contracts/index.ts';

export const known: ErrorCode | number = limits.http.maxPromptBytes;
