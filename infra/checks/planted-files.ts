import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, with a slash at its end. */
export const repository = fileURLToPath(new URL('../../', import.meta.url));

/** A small file that breaks one rule on purpose, or that a rule must let pass. */
export interface PlantedFile {
  /** Path inside its tree, which is the path the rules see. */
  readonly name: string;
  /** What must be said of it: the rule that catches it, then words of the message; empty for a file that must pass. */
  readonly caught: string;
  readonly allowed: boolean;
}

/** The folder of a planted tree. */
export const plantedTree = (tree: 'arrows' | 'lint'): string => join(repository, 'infra/checks/planted', tree);

/** Reads the verdicts of a tree: the first line of each source is `// caught: <rule>` or `// allowed: <why>`. */
export function plantedFiles(tree: 'arrows' | 'lint'): readonly PlantedFile[] {
  const folder = plantedTree(tree);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => {
      const [line = ''] = readFileSync(join(folder, name), 'utf8').split('\n', 1);
      const caught = line.startsWith('// caught: ') ? line.slice('// caught: '.length).trim() : '';
      return { name: name.replaceAll('\\', '/'), caught, allowed: line.startsWith('// allowed: ') };
    });
}
