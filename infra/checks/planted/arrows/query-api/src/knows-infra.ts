// caught: infra-is-on-top
import { rooms } from '../../infra/index.ts';

export const known = rooms;
