import { limits, TurnledgerError } from '../../contracts/index.ts';
import type { Decision } from '../../domain/index.ts';
import type { Cache, Clock, EventLog, Ids, KeyVault, StoredEvent } from '../../ports/index.ts';
import { appendEncoded } from './append-encoded.ts';
import { type EventContext, encodeEvents } from './encode-events.ts';
import { type Folding, LoadedStreams } from './loaded-streams.ts';
import type { LoadedStream } from './stream-cache.ts';
import type { WarmStreams } from './warm-sessions.ts';

/** How one kind of stream folds, and which data key its personal fields are under. */
export interface Aggregate<State> extends Folding<State> {
  /** The data key of a stream, from its state or from the first event about to be written; undefined where nothing is personal. */
  keyIdOf(state: State, firstEvent: { readonly type: string; readonly data: object }): string | undefined;
}

/** What a transaction came to; `state` is the stream's state that the answer rests on. */
export type Transacted<State, Refusal extends string> =
  | { readonly outcome: 'recorded'; readonly state: State; readonly revision: number }
  | { readonly outcome: 'unchanged'; readonly state: State; readonly revision: number }
  | { readonly outcome: 'refused'; readonly state: State; readonly reason: Refusal; readonly turnId?: string };

export interface TransactOptions {
  readonly context: EventContext;
  /** The stream is probably new: decide on the empty state first and read only if that conflicts. */
  readonly likelyNew?: boolean;
  /** How long to retry an unknown outcome; default limits.aggregate.unknownRetryMs. */
  readonly retryUnknownMs?: number;
}

export interface LedgerPorts {
  readonly log: EventLog;
  readonly vault: KeyVault;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Where sessions that this process has not seen may be found folded; absent where there is no other process. */
  readonly cache?: Cache;
}

/**
 * Loads, decides and appends: the one way into a kind of stream.
 *
 * Folded streams are cached and read again only past the cached revision, so that turn 500 costs what turn 10 does. A decision taken on a
 * cached state is checked by the log's expected revision; a refusal, which no append would check, is taken again on the newest state.
 */
export class AggregateStore<State> {
  readonly #ports: LedgerPorts;
  readonly #aggregate: Aggregate<State>;
  readonly #streams: LoadedStreams<State>;

  constructor(aggregate: Aggregate<State>, ports: LedgerPorts, warm?: WarmStreams<State>) {
    this.#aggregate = aggregate;
    this.#ports = ports;
    this.#streams = new LoadedStreams(aggregate, ports, warm);
  }

  /** The stream's state, at most `maxAgeMs` old (0: read the tail now). An unknown stream is the initial state. Throws `store_unavailable`. */
  async load(stream: string, maxAgeMs = 0): Promise<State> {
    return (await this.#streams.load(stream, maxAgeMs)).state;
  }

  /** Keeps the stream as the log has it now for processes that have not seen it. Throws `store_unavailable`. */
  keepWarm(stream: string): Promise<void> {
    return this.#streams.keepWarm(stream);
  }

  /** Stored events of a stream between two revisions, both inclusive; from memory where they are recent. Throws `store_unavailable`. */
  events(stream: string, fromRevision: number, throughRevision: number): Promise<readonly StoredEvent[]> {
    return this.#streams.events(stream, fromRevision, throughRevision);
  }

  /**
   * Decides on the newest state and appends what was decided; on a conflict decides again, at most limits.aggregate.maxDecisions times.
   *
   * Throws `stream_contended` after that, `outcome_unknown` when the log does not say within the time given, `player_erased` when the
   * stream's data key is destroyed, `store_unavailable`. Nothing is half-written in any case.
   */
  async transact<Refusal extends string>(
    stream: string,
    decide: (
      state: State,
    ) =>
      | Decision<{ readonly type: string; readonly data: object }, Refusal>
      | Promise<Decision<{ readonly type: string; readonly data: object }, Refusal>>,
    options: TransactOptions,
  ): Promise<Transacted<State, Refusal>> {
    let isFresh = false;
    let loaded = options.likelyNew
      ? (this.#streams.known(stream) ?? this.#streams.empty())
      : await this.#streams.load(stream, Number.POSITIVE_INFINITY);
    for (let decisions = 0; decisions < limits.aggregate.maxDecisions; ) {
      const decision = await decide(loaded.state);
      if (decision.outcome === 'accepted') {
        const appended = await this.#append(stream, loaded, decision.events, options);
        if (appended) return { outcome: 'recorded', state: appended.state, revision: appended.revision };
        decisions += 1;
      } else if (isFresh) {
        return decision.outcome === 'refused'
          ? { ...decision, state: loaded.state }
          : { outcome: 'unchanged', state: loaded.state, revision: loaded.revision };
      }
      loaded = await this.#streams.load(stream, 0);
      isFresh = true;
    }
    throw new TurnledgerError('stream_contended');
  }

  async #append(
    stream: string,
    loaded: LoadedStream<State>,
    events: readonly [
      { readonly type: string; readonly data: object },
      ...{ readonly type: string; readonly data: object }[],
    ],
    { context, retryUnknownMs = limits.aggregate.unknownRetryMs }: TransactOptions,
  ): Promise<LoadedStream<State> | undefined> {
    const dataKey = await this.#dataKey(this.#aggregate.keyIdOf(loaded.state, events[0]));
    const encoded = encodeEvents(
      {
        stream,
        events,
        context,
        firstRevision: loaded.revision + 1,
        prevHash: loaded.headHash,
        ...(dataKey && { dataKey }),
      },
      this.#ports,
    );
    const stored = encoded.map((event, offset) => ({ stream, revision: loaded.revision + 1 + offset, ...event }));
    // Folded before it is sent: an event that no reader could decode would close its stream for good once the log has it.
    const advanced = this.#streams.after(loaded, stored);
    const expected = loaded.revision < 0 ? 'no_stream' : loaded.revision;
    const result = await appendEncoded(this.#ports, stream, expected, encoded, retryUnknownMs);
    if (result.outcome === 'conflict') return undefined;
    // A log compares ids, not bodies: after an unknown outcome only the head's hash proves that these bytes are what stands there.
    if (result.afterUnknown) {
      this.#streams.forget(stream);
      return this.#streams.load(stream, 0);
    }
    return this.#streams.keep(stream, advanced);
  }

  async #dataKey(keyId: string | undefined) {
    if (keyId === undefined) return undefined;
    const dataKey = await this.#ports.vault.dataKey(keyId);
    if (dataKey.outcome === 'erased') throw new TurnledgerError('player_erased');
    return dataKey;
  }
}
