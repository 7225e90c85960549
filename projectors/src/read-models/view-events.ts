import { isTurnledgerError, parseStream } from '@turnledger/shared/contracts';
import type { RecordedEvent } from '@turnledger/shared/ports';
import { decodePlaced, type Log } from '@turnledger/shared/runtime';
import type { ViewEvent } from './view-fold.ts';

/** Events in their newest shape. One that cannot be read is reported, told to `onUnreadable`, and left out: its neighbours go on. */
export function toViewEvents(
  recorded: readonly RecordedEvent[],
  log: Log,
  onUnreadable: (event: RecordedEvent, code: string) => void = () => {},
): readonly ViewEvent[] {
  return recorded.flatMap((one) => {
    const stream = parseStream(one.stream);
    if (!stream) return [];
    try {
      return [{ recorded: one, event: decodePlaced(one), aggregateId: stream.id }];
    } catch (cause) {
      if (!isTurnledgerError(cause)) throw cause;
      log.error(
        { code: cause.code, stream: one.stream, revision: one.revision, type: one.type },
        'an event cannot be projected',
      );
      onUnreadable(one, cause.code);
      return [];
    }
  });
}
