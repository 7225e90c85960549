import type { RecordedEvent } from '@turnledger/shared/ports';
import type { LedgerCounts } from './ledger-counts.ts';

/** When an event was decided, by the clock of who decided it, and when the log had it, by the log's: whole milliseconds since the epoch. */
export interface TracedEvent {
  readonly recordedAtMs: number;
  readonly loggedAtMs: number;
}

/** What the log tells of one turn's way. */
export interface TurnTrace {
  readonly requested?: TracedEvent;
  /** The newest claim; `starts` says how many there were. */
  readonly started?: TracedEvent;
  readonly starts: number;
  readonly completed?: TracedEvent;
  /** How long its worker waited for the model, rounded; with the completed turn. */
  readonly modelMs?: number;
}

type SeenEvent = Pick<RecordedEvent, 'type' | 'data' | 'metadata' | 'loggedAtMs'>;

interface TurnData {
  readonly turnId: string;
  readonly calls?: readonly unknown[];
  readonly durationMs?: number;
}

/** Gathers from the whole log, event by event, what parity and hops are made of. Events of other kinds cost no parsing. */
export class TurnTraces {
  readonly #turns = new Map<string, TurnTrace>();
  #counts = { requested: 0, started: 0, listedCalls: 0, completed: 0 };
  #distinct = 0;

  note({ type, data, metadata, loggedAtMs }: SeenEvent): void {
    if (type !== 'TurnRequested' && type !== 'TurnStarted' && type !== 'TurnCompleted') return;
    const { turnId, calls = [], durationMs }: TurnData = JSON.parse(data);
    const at = { recordedAtMs: Date.parse(metadata.recordedAt ?? ''), loggedAtMs };
    const known = this.#turns.get(turnId) ?? { starts: 0 };
    if (type === 'TurnRequested') {
      this.#counts.requested += 1;
      if (known.requested === undefined) this.#distinct += 1;
      this.#turns.set(turnId, { ...known, requested: at });
    } else if (type === 'TurnStarted') {
      this.#counts.started += 1;
      this.#counts.listedCalls += calls.length;
      this.#turns.set(turnId, { ...known, started: at, starts: known.starts + 1 });
    } else {
      this.#counts.completed += 1;
      this.#turns.set(turnId, { ...known, completed: at, ...(durationMs !== undefined && { modelMs: durationMs }) });
    }
  }

  get counts(): Omit<LedgerCounts, 'viewRows'> {
    return { ...this.#counts, distinct: this.#distinct };
  }

  traceOf(turnId: string): TurnTrace | undefined {
    return this.#turns.get(turnId);
  }
}
