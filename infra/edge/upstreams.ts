import { Agent } from 'node:http';
import { limits } from '@turnledger/shared/contracts';
import type { Clock } from '@turnledger/shared/ports';

/** Processes that serve the same addresses. */
export interface Upstreams {
  /** As the problem documents and /readyz name them. */
  readonly name: string;
  readonly agent: Agent;
  readonly count: number;
  /** The next one in turn; one that has just refused a connection only when all have. */
  next(): URL;
  /** It refused a connection: passed over for limits.edge.restMs. */
  rest(one: URL): void;
}

/** Takes the given processes in turns, over kept connections. There must be one at least. */
export function takeInTurns(name: string, [first, ...others]: readonly [URL, ...URL[]], clock: Clock): Upstreams {
  const all = [first, ...others];
  const restsUntilMs = new Map<URL, number>();
  let turn = 0;
  return {
    name,
    agent: new Agent({ keepAlive: true, maxSockets: limits.edge.maxSockets, timeout: limits.edge.idleSocketMs }),
    count: all.length,
    next() {
      const nowMs = clock.monotonicMs();
      const awake = all.filter((one) => (restsUntilMs.get(one) ?? 0) <= nowMs);
      const choice = awake.length > 0 ? awake : all;
      turn = (turn + 1) % Number.MAX_SAFE_INTEGER;
      return choice[turn % choice.length] ?? first;
    },
    rest: (one) => void restsUntilMs.set(one, clock.monotonicMs() + limits.edge.restMs),
  };
}
