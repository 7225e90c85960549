import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { plainEnvironment, programArguments } from './program.ts';

/** A process of ours that answers questions over its channel, one after another. */
export interface AskedProcess {
  readonly pid: number;
  /** Rejects with `invariant_broken` when the process fails at the question, or ends before its answer. */
  ask<Answer>(question: object): Promise<Answer>;
  stop(): Promise<void>;
}

interface Reply {
  readonly answer?: unknown;
  readonly fault?: string;
}

/** Starts a program of infra/ that calls `answerQuestions`; it ends when this process does, however that ends. */
export async function startAskedProcess(path: string): Promise<AskedProcess> {
  const child = spawn(process.execPath, [...programArguments(path)], {
    env: plainEnvironment(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const broken = (detail: string) => new TurnledgerError('invariant_broken', { detail: `${path}: ${detail}` });
  const ended = once(child, 'exit').then(([code, signal]) => broken(`ended with ${code ?? signal}`));
  const reply = async (): Promise<Reply> => {
    const first = await Promise.race([once(child, 'message'), ended]);
    if (!Array.isArray(first)) throw first;
    return first[0];
  };
  await reply();
  return {
    pid: child.pid ?? 0,
    async ask<Answer>(question: object): Promise<Answer> {
      const answered = reply();
      child.send(question);
      const { answer, fault } = await answered;
      if (fault !== undefined) throw broken(fault);
      return answer as Answer;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** The other side: answers each question in turn, says when it is ready, and ends the process when whoever asks is gone. */
export function answerQuestions<Question>(answer: (question: Question) => Promise<unknown>): void {
  const send = (reply: Reply) => process.send?.(reply);
  process.on('message', (question: Question) => {
    answer(question).then(
      (value) => send({ answer: value }),
      (error: unknown) => send({ fault: String(error) }),
    );
  });
  process.once('disconnect', () => process.exit(0));
  send({});
}
