import { v5 as uuidV5 } from 'uuid';
import type { HistoryEntry, OperationName } from './history.ts';

/** One operation of a client: its invoke, and how it came out; a client that was still waiting at the end has no outcome. */
export interface Operation {
  readonly process: string;
  readonly op: OperationName;
  readonly key: string;
  readonly invoke: HistoryEntry;
  readonly outcome: HistoryEntry | undefined;
}

/** The operations of a history in the order of their invokes. */
export function operationsIn(history: readonly HistoryEntry[]): readonly Operation[] {
  const operations: Operation[] = [];
  const waiting = new Map<string, number>();
  for (const entry of history) {
    const { process, op, key, type } = entry;
    const index = waiting.get(process);
    if (type === 'invoke') {
      waiting.set(process, operations.length);
      operations.push({ process, op, key, invoke: entry, outcome: undefined });
    } else if (index !== undefined) {
      const asked = operations[index];
      if (asked) operations[index] = { ...asked, outcome: entry };
      waiting.delete(process);
    }
  }
  return operations;
}

/** The turn that a key asks for in a session (rule 1), by the rule's own words. */
export const turnIdOfKey = (sessionId: string, key: string): string => uuidV5(key, sessionId);

/** The turn an operation is about; undefined for one about no turn. */
export function turnIdAsked({ op, key, invoke }: Operation): string | undefined {
  if (op === 'cancel' || op === 'read_turn') return key;
  return op === 'turn' ? turnIdOfKey(invoke.value.sessionId ?? '', key) : undefined;
}
