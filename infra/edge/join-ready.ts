import type { UpstreamAnswer } from './ask-upstream.ts';

/** What an API said of itself at /readyz; undefined: it did not answer. */
export interface Readiness {
  readonly name: string;
  readonly answer: UpstreamAnswer | undefined;
}

interface JoinedReady {
  readonly status: number;
  readonly body: { readonly status: string; readonly stuck: readonly object[]; readonly hops: readonly object[] };
}

const membersOf = (value: unknown): readonly { readonly name?: unknown }[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : [];

/**
 * Joins the readiness of the APIs behind the edge: ready when all are. Each hop is named with its API before it (`command-api/event-store`);
 * an API that does not answer, or not as ours do, is a hop of its own that is stuck since now.
 */
export function joinReady(all: readonly Readiness[], nowMs: number): JoinedReady {
  const isReady = all.every(({ answer }) => answer?.status === 200);
  const named = (member: 'stuck' | 'hops') =>
    all.flatMap(({ name, answer }): object[] => {
      const isReadiness = answer?.status === 200 || answer?.body.status === 'not_ready';
      if (answer !== undefined && isReadiness)
        return membersOf(answer.body[member]).map((hop) => ({ ...hop, name: `${name}/${hop.name}` }));
      const since = new Date(nowMs).toISOString();
      return [member === 'stuck' ? { name, since } : { name, since, ready: false }];
    });
  return {
    status: isReady ? 200 : 503,
    body: { status: isReady ? 'ready' : 'not_ready', stuck: named('stuck'), hops: named('hops') },
  };
}
