import { readdirSync, readFileSync } from 'node:fs';
import type { RecordedEvent } from '../../ports/index.ts';

/** Where they are in the sources; a build has none. */
const goldenFolder = new URL('./', import.meta.url);

/** The golden files, the oldest version first. */
export const goldenFiles = (folder: URL = goldenFolder): readonly string[] =>
  readdirSync(folder)
    .filter((name) => /^version-\d+\.jsonl$/.test(name))
    .sort((a, b) => Number.parseInt(a.slice(8), 10) - Number.parseInt(b.slice(8), 10));

/** The events of a golden file, in log order, as the log gave them when they were recorded. */
export const readGolden = (file: string, folder: URL = goldenFolder): readonly RecordedEvent[] =>
  readFileSync(new URL(file, folder), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const event = JSON.parse(line);
      return { ...event, position: BigInt(event.position) };
    });
