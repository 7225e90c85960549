import type { ScenarioEvent } from '../../domain/index.ts';
import type { EventLog, KeyVault, RecordedEvent } from '../../ports/index.ts';
import { decodeEvent, openSessionEvent } from '../../runtime/index.ts';
import type { LoggedEvent } from './history.ts';

async function open(recorded: RecordedEvent, vault: KeyVault): Promise<LoggedEvent> {
  if (recorded.stream.startsWith('session-')) return { ...recorded, opened: await openSessionEvent(recorded, vault) };
  const isScenario = recorded.stream.startsWith('scenario-');
  return { ...recorded, opened: isScenario ? (decodeEvent(recorded) as ScenarioEvent) : undefined };
}

/** Reads the whole log up to its present head, opened. Throws what log and vault throw, and `event_invalid` for a text that does not open. */
export async function openLog(log: EventLog, vault: KeyVault): Promise<readonly LoggedEvent[]> {
  const reading = new AbortController();
  const head = await log.headPosition();
  const events: LoggedEvent[] = [];
  for await (const item of log.subscribe({ after: 0n, signal: reading.signal })) {
    if (item.kind === 'event') events.push(await open(item.event, vault));
    if ((item.kind === 'event' ? item.event.position : item.position) >= head) break;
  }
  reading.abort();
  return events;
}
