import type { Evidence, Violation } from './history.ts';
import { type Operation, operationsIn } from './operations.ts';

/**
 * R5 (second half) and R11: what clients see of one thing never goes back. An answer that began after another one of the same kind and key had
 * come rests on no older revision, whoever asked (R5), nor on one older than what the client asked for (R11).
 */
export function checkRevisions({ history }: Evidence): readonly Violation[] {
  const seen = new Map<string, Operation[]>();
  const found: Violation[] = [];
  for (const operation of operationsIn(history)) {
    const { op, key, invoke, outcome } = operation;
    const revision = outcome?.type === 'ok' ? outcome.value.revision : undefined;
    if (revision === undefined) continue;
    const { minRevision } = invoke.value;
    if (minRevision !== undefined && revision < minRevision) {
      found.push({
        invariant: 'R11',
        sentence: 'an answer is older than what was asked for',
        ...named(operation),
        evidence: { invoke, outcome },
      });
    }
    const name = `${op} ${invoke.value.sessionId ?? ''} ${key}`;
    const before = (seen.get(name) ?? []).find((other) => {
      const { t = Number.POSITIVE_INFINITY, value } = other.outcome ?? {};
      return t < invoke.t && (value?.revision ?? -1) > revision;
    });
    seen.set(name, [...(seen.get(name) ?? []), operation]);
    if (before) {
      const evidence = { earlier: before.outcome, invoke, outcome };
      found.push({ invariant: 'R5', sentence: 'a revision that clients see went back', ...named(operation), evidence });
    }
  }
  return found;
}

function named({ invoke, outcome }: Operation): { readonly sessionId?: string } {
  const sessionId = invoke.value.sessionId ?? outcome?.value.sessionId;
  return sessionId === undefined ? {} : { sessionId };
}
