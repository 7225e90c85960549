import { limits, sessionStream } from '@turnledger/shared/contracts';
import { isTerminal, turnOf } from '@turnledger/shared/domain';
import { linkedAbort } from '@turnledger/shared/runtime';
import type { WorkerPorts } from './ports.ts';

/**
 * Looks at a running turn's stream every limits.worker.headCheckMs and aborts when the turn has ended or another attempt runs: the message
 * that says so may be lost, and a call that nobody wants costs money by the second (rule 5).
 */
export function watchTurn(
  { ledger, clock, log }: WorkerPorts,
  { sessionId, turnId, attempt }: { readonly sessionId: string; readonly turnId: string; readonly attempt: number },
  signal: AbortSignal,
): { readonly signal: AbortSignal; stop(): void } {
  const link = linkedAbort(signal);
  const watch = async () => {
    for (;;) {
      await clock.sleep(limits.worker.headCheckMs, link.signal);
      if (link.signal.aborted) return;
      try {
        const turn = turnOf(await ledger.sessions.load(sessionStream(sessionId)), turnId);
        if (!turn || isTerminal(turn.status) || turn.attempt !== attempt) return link.abort();
      } catch (cause) {
        // Not being able to look is no reason to stop a paid call; its ending waits for the log anyway.
        log.warn({ turnId, cause }, 'cannot look at the head of a running turn');
      }
    }
  };
  void watch();
  return { signal: link.signal, stop: link.abort };
}
