import { setMaxListeners } from 'node:events';
import { limits } from '@turnledger/shared/contracts';
import { linkedAbort } from '@turnledger/shared/runtime';
import { FencedCalls } from '../fenced-calls.ts';
import type { HeldClaim } from '../ports.ts';
import { untilGivenUp } from '../until-given-up.ts';
import { RunningReruns } from './find-running.ts';
import type { RerunPorts } from './rerun-ports.ts';
import { runRerun } from './run-rerun.ts';
import { silentFeed } from './silent-feed.ts';

/** The runner of re-runs in this process. */
export interface RerunLead {
  /** Re-runs in hand now, at most limits.rerun.maxRunning; 0 where another process leads. */
  running(): number;
  /** Resolves when it has ended after its signals. */
  readonly stopped: Promise<void>;
}

/**
 * Runs re-runs whenever this process holds their lead, until `leaving` aborts: then no further turn begins, and those under way have until
 * `deadline`, and limits.worker.lastEndingMs more to record what they spent. A lead that is lost aborts them at once: another process goes on. Each
 * term has an incarnation of its own, which ends with it, so that whoever leads next may take over its claims.
 */
export function leadReruns(stores: Omit<RerunPorts, 'feed'>, leaving: AbortSignal, deadline: AbortSignal): RerunLead {
  const ports = { ...stores, feed: silentFeed };
  const inHand: InHand = new Map();
  const term = (lead: AbortSignal) => serveTerm(ports, inHand, lead, leaving, deadline);
  return { running: () => inHand.size, stopped: ports.leadership.lead('reruns', term, leaving) };
}

type InHand = Map<string, Promise<void>>;

async function serveTerm(
  ports: RerunPorts,
  inHand: InHand,
  lead: AbortSignal,
  leaving: AbortSignal,
  deadline: AbortSignal,
): Promise<void> {
  const { clock, log, liveness } = ports;
  const worker = ports.ids.uuid();
  const calls = new FencedCalls({ liveness, clock, log, worker });
  const holders = {
    isLost: async (claim: HeldClaim) => (claim.worker === worker ? true : ports.holders.isLost(claim)),
  };
  const reruns = new RunningReruns(ports);
  const gone = new AbortController();
  const beating = calls.beat(gone.signal);
  const cut = linkedAbort(deadline);
  // Every turn in hand listens to it, some three times: Node takes more than ten listeners for a leak.
  setMaxListeners(8 * limits.rerun.maxRunning * limits.rerun.maxConcurrency, cut.signal);
  // The lead ends with `leaving` as well, and then there is time.
  const onLost = () => {
    if (!leaving.aborted) cut.abort();
  };
  lead.addEventListener('abort', onLost, { once: true });
  try {
    while (!lead.aborted) {
      for (const rerunId of await reruns.find()) {
        if (inHand.size >= limits.rerun.maxRunning || lead.aborted) break;
        if (inHand.has(rerunId)) continue;
        const run = { rerunId, worker, leaving: lead, deadline: cut.signal };
        const done = runRerun({ ...ports, holders }, run, calls)
          .catch((cause: unknown) => {
            log.error({ rerunId, cause }, 'a re-run was interrupted and starts again');
            reruns.rest(rerunId);
          })
          .finally(() => inHand.delete(rerunId));
        inHand.set(rerunId, done);
      }
      await clock.sleep(limits.rerun.lookMs, lead);
    }
    const ended = Promise.all(inHand.values()).then(() => {});
    await untilGivenUp(clock, ended, cut.signal);
  } finally {
    lead.removeEventListener('abort', onLost);
    cut.abort();
    gone.abort();
    await beating;
  }
}
