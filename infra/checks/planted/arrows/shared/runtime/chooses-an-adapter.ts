// caught: runtime-imports-no-adapter
import { room } from '../adapters/memory/index.ts';

export const chosen = room;
