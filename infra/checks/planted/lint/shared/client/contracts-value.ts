// caught: plugin, types alone of contracts
import { limits } from '../contracts/index.ts';

export const maxPromptBytes = limits.http.maxPromptBytes;
