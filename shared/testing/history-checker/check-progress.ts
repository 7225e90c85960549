import type { Evidence, Violation } from './history.ts';
import { eventsOf, isEnding, recordedTurns, shownFact } from './recorded-turns.ts';

/** How long after its deadline, or after the last fault, a turn may take to end. */
const GRACE_MS = 5_000;

/**
 * R3, progress: every turn in the log has ended, within its deadline and 5 s; a turn that a process died under gets the same time from that
 * death on. By the log's own clock.
 */
export const checkProgress = ({ log, killsAtMs, otherKillsAtMs = [] }: Evidence): readonly Violation[] =>
  recordedTurns(log).flatMap(({ turnId, sessionId, facts }): readonly Violation[] => {
    const [first] = facts;
    const [requested] = eventsOf({ turnId, sessionId, facts }, 'TurnRequested');
    if (!first || !requested) return [];
    const ended = facts.find(({ event }) => isEnding(event));
    if (!ended)
      return [{ invariant: 'R3', sentence: 'a turn never ended', turnId, sessionId, evidence: facts.map(shownFact) }];
    const requestedAtMs = first.at.loggedAtMs;
    const endedAtMs = ended.at.loggedAtMs;
    const faultsAtMs = [...killsAtMs, ...otherKillsAtMs].filter((atMs) => atMs < endedAtMs);
    const faultAtMs = Math.max(requestedAtMs, ...faultsAtMs);
    const overdueMs = endedAtMs - Math.max(requestedAtMs + requested.data.deadlineMs, faultAtMs) - GRACE_MS;
    if (overdueMs <= 0) return [];
    return [
      {
        invariant: 'R3',
        sentence: `a turn ended ${Math.round(overdueMs)} ms too late`,
        turnId,
        sessionId,
        evidence: facts.map(shownFact),
      },
    ];
  });
