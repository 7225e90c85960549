// caught: shared-is-below-services
import { answer } from '../../query-api/src/index.ts';

export const started = answer;
