import type { LoadPlan } from '../load/load-plan.ts';
import { runLoad } from '../load/run-load.ts';
import { answerQuestions } from './asked-process.ts';

/** The load generator: a process of its own, one plan after another, so that its code stays warm over all contenders alike. */
answerQuestions<LoadPlan>(runLoad);
