// caught: tests-are-not-imported
import { made } from './made.unit.test.ts';

export const remade = made;
