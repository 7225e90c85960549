// caught: testing-imports-no-adapter
import { room } from '../adapters/memory/index.ts';

export const subject = room;
