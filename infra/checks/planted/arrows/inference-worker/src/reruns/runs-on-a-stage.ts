// caught: testing-is-for-tests
import { stage } from './testing/opens-a-stage.ts';

export const product = stage;
