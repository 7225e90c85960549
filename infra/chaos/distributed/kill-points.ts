import type { ProcessName } from '@turnledger/shared/runtime';
import { type Failpoint, failpoints } from '../failpoints.ts';

/** Where one of the four processes may be told to die: the places of embedded mode, and those that it does not have. */
export type Place =
  | Failpoint
  /** Produced, and not answered. */
  | 'during_enqueue'
  /** A worker has a message in hand and has looked at nothing. */
  | 'turn_fetched'
  /** Its handler has answered; the offset is committed within limits.kafka.commitIntervalMs. */
  | 'turn_handled'
  /** A reader of the query-api has the second piece of a reply. */
  | 'mid_follow';

const ownPlaces: readonly Place[] = ['during_enqueue', 'turn_fetched', 'turn_handled', 'mid_follow'];
const places: readonly Place[] = [...failpoints, ...ownPlaces];

/** The place of that name, or undefined. */
export const placeNamed = (name: string): Place | undefined => places.find((one) => one === name);

/** A kill point of the reliability table. */
export interface KillPoint {
  readonly name: string;
  /** Who dies there. */
  readonly process: ProcessName;
  /** Where; drawn if there are several. */
  readonly places: readonly [Place, ...Place[]];
  /** How many paid calls the table allows the turn that is there to lose. */
  readonly maxExtraCalls: 0 | 1;
  readonly meaning: string;
}

const point = (
  name: string,
  process: ProcessName,
  at: KillPoint['places'],
  maxExtraCalls: 0 | 1,
  meaning: string,
): KillPoint => ({ name, process, places: at, maxExtraCalls, meaning });

/** The kill points of a turn, in the order in which it passes them. */
export const killPoints: readonly KillPoint[] = [
  point('K1', 'command-api', ['before_request_append'], 0, 'before the append'),
  point('K2', 'command-api', ['during_request_append'], 0, 'append sent, ack unseen'),
  point('K3', 'command-api', ['after_request_append'], 0, 'append acked, before the answer'),
  point('K4', 'projectors', ['before_enqueue'], 0, 'relay: read, before produce'),
  point('K5', 'projectors', ['during_enqueue'], 0, 'produced, ack unseen'),
  point('K6', 'projectors', ['after_enqueue'], 0, 'acked, before the checkpoint'),
  point('K7', 'inference-worker', ['turn_fetched', 'before_claim'], 0, 'fetched, before TurnStarted'),
  point('K8', 'inference-worker', ['during_claim', 'after_claim'], 0, 'claimed, before the call'),
  point('K9', 'inference-worker', ['awaiting_model', 'mid_stream'], 1, 'awaiting headers, or mid-stream'),
  point('K10', 'inference-worker', ['before_ending_append'], 1, 'text complete, before TurnCompleted'),
  point('K11', 'inference-worker', ['during_ending_append'], 1, 'TurnCompleted sent, ack unseen'),
  point('K12', 'inference-worker', ['after_ending_append', 'turn_handled'], 0, 'acked, before the offset commit'),
  point(
    'K13',
    'projectors',
    ['before_view_commit', 'during_view_commit', 'after_view_commit'],
    0,
    'before, inside, after the transaction of the views',
  ),
  point('K14', 'query-api', ['mid_follow'], 0, 'mid-stream'),
];
