import { setTimeout as pause } from 'node:timers/promises';
import {
  type Turn,
  TurnledgerProblem,
  type TurnledgerSession,
  type TurnRequestedEvent,
} from '@turnledger/shared/client';
import { limits } from '@turnledger/shared/contracts';

/**
 * What a turn answers, which its stream does not say before its ending. The turn is followed from its first moment, when the view may not have
 * heard of it: asked for limits.commandLine.askedTries times, and told without its words if that does not help. Rejects with TurnledgerProblem.
 */
export async function readAsked(
  session: TurnledgerSession,
  { turnId, position }: TurnRequestedEvent,
): Promise<Pick<Turn, 'position' | 'prompt' | 'trigger'>> {
  const { askedTries, askedPauseMs } = limits.commandLine;
  for (let tries = 0; tries < askedTries; tries += 1) {
    if (tries > 0) await pause(askedPauseMs);
    try {
      return await session.turn(turnId);
    } catch (problem) {
      if (!(problem instanceof TurnledgerProblem) || problem.code !== 'turn_not_found') throw problem;
    }
  }
  return { position, prompt: '…', trigger: null };
}
