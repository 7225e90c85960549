import { createHash } from 'node:crypto';
import { lengthPrefixed } from '@turnledger/shared/trust';

/** What a session of a re-run is for: all turns of a source from one on, or one turn of it. */
export interface RepeatedPart {
  readonly rerunId: string;
  readonly sourceSessionId: string;
  /** Where each turn is asked in a session of its own. */
  readonly sourceTurnId?: string;
}

/** The id of a re-run's session: a UUID of version 8, by which its stream is told from those of players; the same at every run. */
export const rerunSessionIdOf = ({ rerunId, sourceSessionId, sourceTurnId = '' }: RepeatedPart): string =>
  derivedUuid(['rerun-session', rerunId, sourceSessionId, sourceTurnId]);

/** The id of a turn that is asked again there. */
export const rerunTurnIdOf = (rerunSessionId: string, sourceTurnId: string): string =>
  derivedUuid(['rerun-turn', rerunSessionId, sourceTurnId]);

/** RFC 9562, 5.8: 122 bits of SHA-256 under version 8 and the usual variant. */
function derivedUuid(parts: readonly string[]): string {
  const bytes = createHash('sha256').update(lengthPrefixed(parts)).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
