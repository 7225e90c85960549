import { startModelTwin, type TwinBehaviour } from '../../twins/model/index.ts';
import { answerQuestions } from './asked-process.ts';

export type TwinQuestion = { readonly kind: 'open'; readonly behaviour: TwinBehaviour } | { readonly kind: 'calls' };

/** What the twin has been asked so far, and the processor time it has used, milliseconds. */
export interface TwinCount {
  readonly url: string;
  readonly totalCalls: number;
  readonly cpuMs: number;
}

const twin = await startModelTwin({ host: '127.0.0.1' });

answerQuestions<TwinQuestion>(async (question): Promise<TwinCount> => {
  if (question.kind === 'open') twin.plan(question.behaviour);
  const { user, system } = process.cpuUsage();
  return { url: twin.url, totalCalls: twin.totalCalls, cpuMs: (user + system) / 1_000 };
});
