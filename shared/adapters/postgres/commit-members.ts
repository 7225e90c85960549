import { limits, TurnledgerError } from '../../contracts/index.ts';
import type { AppendOutcome } from '../../ports/index.ts';
import { appendGroup, type GroupResult } from './append-group.ts';
import type { DedicatedClient } from './dedicated-client.ts';
import type { CommitMembers } from './group-commit.ts';
import type { GroupMember } from './plan-group.ts';
import { failureText, isContentRefused } from './postgres-failure.ts';
import type { RecentEvents } from './recent-events.ts';
import type { WriterConnection } from './writer-connection.ts';

const allUnknown = (members: readonly GroupMember[], cause: string): readonly AppendOutcome[] =>
  members.map(() => ({ outcome: 'unknown', cause }));

/** The group within limits.log.appendTimeoutMs, all its statements together; past it the connection is cut, which ends them. */
async function withinTimeout(dedicated: DedicatedClient, members: readonly GroupMember[]): Promise<GroupResult> {
  const timeoutMs = limits.log.appendTimeoutMs;
  let hasTimedOut = false;
  const timer = setTimeout(() => {
    hasTimedOut = true;
    void dedicated.cut();
  }, timeoutMs);
  try {
    return await appendGroup(dedicated.client, members);
  } catch (cause) {
    throw hasTimedOut
      ? new TurnledgerError('store_unavailable', { detail: `no answer within ${timeoutMs} ms`, cause })
      : cause;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Commits a group over the writer's connection and turns every failure into outcomes. When PostgreSQL refuses a content, the members are
 * committed one by one: the refused one is `rejected`, its neighbours go through. Any other failure is `unknown` for all, and the
 * connection is cut, since an answer may still come on it. What was written goes to `recent` before its writer hears of it.
 */
export function commitMembers(writer: WriterConnection, recent: RecentEvents): CommitMembers {
  const commit: CommitMembers = async (members) => {
    let dedicated: DedicatedClient;
    try {
      dedicated = await writer.open();
    } catch (error) {
      return allUnknown(members, `not sent: ${failureText(error)}`);
    }
    try {
      const { outcomes } = await recent.own(withinTimeout(dedicated, members));
      return outcomes;
    } catch (error) {
      if (!isContentRefused(error)) {
        await dedicated.cut();
        return allUnknown(members, failureText(error));
      }
    }
    if (members.length === 1) return [{ outcome: 'rejected', reason: 'malformed' }];
    const outcomes: AppendOutcome[] = [];
    for (const member of members) {
      // Once the database is gone each further one would wait for its own timeout: 256 of them, for 20 minutes.
      const isGone = outcomes.at(-1)?.outcome === 'unknown';
      outcomes.push(
        ...(isGone ? allUnknown([member], 'not sent: the one before it got no answer') : await commit([member])),
      );
    }
    return outcomes;
  };
  return commit;
}
