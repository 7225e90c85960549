import { isTurnledgerError, parseStream } from '../../contracts/index.ts';
import type { SessionEvent } from '../../domain/index.ts';
import type { RecordedEvent } from '../../ports/index.ts';
import { decodeEvent } from '../ledger/index.ts';
import type { CountEvent } from './turn-metrics.ts';

/**
 * Counts what a loop reads from the log, so that nothing on a turn's way is slowed or has to remember to count: some 5 µs a turn, since
 * its events are decoded already. One that this version cannot read is passed over; the projectors name it.
 */
export const countEvents =
  (count: CountEvent) =>
  (events: readonly RecordedEvent[]): void => {
    for (const recorded of events) {
      if (parseStream(recorded.stream)?.kind !== 'session') continue;
      try {
        count(decodeEvent(recorded) as SessionEvent<'sealed'>, recorded.loggedAtMs);
      } catch (cause) {
        if (!isTurnledgerError(cause)) throw cause;
      }
    }
  };
