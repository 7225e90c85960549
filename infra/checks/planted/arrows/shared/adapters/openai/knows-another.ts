// caught: adapters-import-ports
import { room } from '../memory/index.ts';

export const other = room;
