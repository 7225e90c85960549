// caught: adapters-import-ports
import { room } from '../../runtime/index.ts';

export const kit = room;
