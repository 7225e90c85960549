import { LRUCache } from 'lru-cache';
import { limits } from '../../contracts/index.ts';
import type { ScenarioVersion } from '../../domain/index.ts';
import { compileMoves, type MoveRules } from './compile-move-schema.ts';

/** By scenario version: its content never changes. */
const compiledMoves = new LRUCache<string, MoveRules>({ max: limits.moves.maxCompiledSchemas });

/**
 * The moves of a scenario version, compiled once a process while it is in use; undefined where it has none. Throws `move_schema_too_large`,
 * `move_schema_invalid` for a version from before schemas were checked.
 */
export function scenarioMoves(
  scenarioId: string,
  { version, configHash, moves }: ScenarioVersion,
): MoveRules | undefined {
  if (moves.mode === 'none') return undefined;
  const key = `${scenarioId}@${version}:${configHash}`;
  const known = compiledMoves.get(key);
  if (known) return known;
  const rules = compileMoves(moves);
  if (rules) compiledMoves.set(key, rules);
  return rules;
}
