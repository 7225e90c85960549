// caught: services-stay-apart
import { answer } from '../../query-api/src/index.ts';

export const asked = answer;
