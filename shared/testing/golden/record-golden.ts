import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { eventSchemas, playerStream, rerunStream, scenarioStream, sessionStream } from '../../contracts/index.ts';
import type { KeyVault, RecordedEvent } from '../../ports/index.ts';
import { encodeEvents, foldTurns } from '../../runtime/index.ts';
import { contentHash, zeroHash } from '../../trust/index.ts';
import { goldenEdition, goldenForks, goldenRepeats, goldenReruns, goldenSessions } from './golden-editions.ts';
import { goldenIds, goldenPlayer, goldenScenario } from './golden-events.ts';

/** The golden player's data key: thirty-two bytes that anybody may know, since nothing but these files is under it. */
export const goldenKey = createHash('sha256').update('turnledger golden histories').digest();

const GOLDEN_SCENARIO = 'lisbon-ledger.marta';
const START_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 250;

/** The golden streams as the log would hold them today: the same bytes at every call. */
export function recordGolden(): readonly RecordedEvent[] {
  let drawn = 0;
  let nowMs = START_MS;
  const draw = (count: number) => {
    drawn += 1;
    return createHash('sha512').update(`golden ${drawn}`).digest().subarray(0, count);
  };
  const uuid = () => {
    const hex = draw(16).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
  const ports = {
    ids: { uuid, randomBytes: draw },
    clock: { nowMs: () => nowMs, monotonicMs: () => 0, sleep: async () => {} },
  };
  const recorded: RecordedEvent[] = [];
  const record = (stream: string, events: readonly { readonly type: string; readonly data: object }[]) => {
    let prevHash = zeroHash;
    for (const [revision, event] of events.entries()) {
      nowMs += STEP_MS;
      const [encoded] = encodeEvents(
        {
          stream,
          prevHash,
          firstRevision: revision,
          events: [event],
          context: { actor: 'game', correlationId: 'golden', causationId: 'golden' },
          dataKey: { keyId: goldenIds.key, key: goldenKey },
        },
        ports,
      );
      if (!encoded) continue;
      prevHash = encoded.metadata.hash ?? zeroHash;
      recorded.push({ stream, revision, ...encoded, position: BigInt(recorded.length + 1), loggedAtMs: nowMs });
    }
  };
  record(scenarioStream(GOLDEN_SCENARIO), goldenScenario);
  record(playerStream(goldenIds.player), goldenPlayer);
  record(sessionStream(goldenIds.session), goldenSessions[goldenEdition - 1] ?? []);
  record(sessionStream(goldenIds.fork), goldenForks[goldenEdition - 1] ?? []);
  for (const [rerunId, rerun] of Object.entries(goldenReruns[goldenEdition - 1] ?? {}))
    record(rerunStream(rerunId), rerun);
  record(sessionStream(goldenIds.repeat), goldenRepeats[goldenEdition - 1] ?? []);
  return recorded;
}

/** One event a line, as JSON. */
export const goldenLines = (events: readonly RecordedEvent[]): string =>
  events.map(({ position, ...event }) => `${JSON.stringify({ ...event, position: String(position) })}\n`).join('');

/** Writes the files of the current edition into a folder; those of older ones are never written again. */
export async function writeGolden(folder: string): Promise<void> {
  const events = recordGolden();
  const write = (suffix: string, text: string) => writeFile(join(folder, `version-${goldenEdition}${suffix}`), text);
  const asked = events.filter(({ stream }) => stream === sessionStream(goldenIds.session));
  const session = { sessionId: goldenIds.session, scenarioId: GOLDEN_SCENARIO };
  const vault: Pick<KeyVault, 'dataKey'> = {
    dataKey: async (keyId) => ({ outcome: 'ok', keyId, key: goldenKey }),
  };
  await write('.jsonl', goldenLines(events));
  await write('.turns.json', `${JSON.stringify(await foldTurns(asked, session, vault as KeyVault), undefined, 2)}\n`);
  await write('.schemas.json', `${JSON.stringify(schemaHashes(), undefined, 2)}\n`);
}

/** A hash of each event's schema, so that a change is seen that no recorded event happens to show. */
export const schemaHashes = (): { readonly [type: string]: string } =>
  Object.fromEntries(
    Object.entries(eventSchemas).map(([type, schema]) => [
      type,
      contentHash(z.toJSONSchema(schema, { unrepresentable: 'any' })),
    ]),
  );
