import { viewName, views } from '../../contracts/index.ts';
import type { ViewRow, ViewStore } from '../../ports/index.ts';

/** What openTurns asks of a turn's record. */
interface TurnFacts {
  readonly status?: string;
  readonly deadlineAtMs?: number;
}

interface HeldView {
  position: bigint;
  readonly rows: Map<string, ViewRow>;
}

const turnsName = viewName(views.turns);
const isOpen = ({ status }: TurnFacts) => status === 'requested' || status === 'started';

/** The views in this process: lost with it and folded again at the next start. A row never goes back to an older revision. */
export function openMemoryViewStore(): ViewStore {
  const held = new Map<string, HeldView>();
  /** Deadlines of the open turns by key, so that looking for them four times a second does not read every turn there ever was. */
  const open = new Map<string, number | undefined>();

  const noteTurn = (key: string, facts: TurnFacts) => {
    if (isOpen(facts)) open.set(key, facts.deadlineAtMs);
    else open.delete(key);
  };

  return {
    prepare: async (definitions) => {
      for (const name of definitions.map(viewName)) {
        if (!held.has(name)) held.set(name, { position: 0n, rows: new Map() });
      }
    },

    checkpoint: async (view) => held.get(viewName(view))?.position ?? 0n,

    rows: async (view, keys) => {
      const rows = held.get(viewName(view))?.rows;
      return [...new Set(keys)].flatMap((key) => rows?.get(key) ?? []);
    },

    commit: async (changes, { from, to }) => {
      // Everything is looked up and read before anything is written, and nothing is awaited between: all or nothing.
      const targets = changes.map(({ view, rows }) => {
        const name = viewName(view);
        const facts = name === turnsName ? rows.map(({ record }): TurnFacts => JSON.parse(record)) : undefined;
        return { view: held.get(name), rows, facts };
      });
      if (targets.some(({ view }) => view?.position !== from)) return 'moved';
      for (const { view, rows, facts } of targets) {
        if (!view) continue;
        view.position = to;
        for (const [index, row] of rows.entries()) {
          const known = view.rows.get(row.key);
          if (known && row.revision < known.revision) continue;
          view.rows.set(row.key, row);
          const turn = facts?.[index];
          if (turn) noteTurn(row.key, turn);
        }
      }
      return 'ok';
    },

    openTurns: async ({ limit, dueBeforeMs, afterKey }) => {
      const rows = held.get(turnsName)?.rows;
      const isDue = (deadlineAtMs: number | undefined) =>
        dueBeforeMs === undefined || (deadlineAtMs !== undefined && deadlineAtMs < dueBeforeMs);
      return [...open]
        .filter(([key, deadlineAtMs]) => isDue(deadlineAtMs) && (afterKey === undefined || key > afterKey))
        .map(([key]) => key)
        .sort()
        .slice(0, limit)
        .flatMap((key) => rows?.get(key) ?? []);
    },
  };
}
