import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { plantedFiles, plantedTree, repository } from './planted-files.ts';

interface Module {
  readonly source: string;
  readonly dependencies: readonly { readonly resolved: string }[];
}

interface Cruise {
  readonly modules: readonly Module[];
  readonly summary: {
    readonly violations: readonly Violation[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
  readonly cycle?: readonly { readonly name: string }[];
}

const packages = ['command-api', 'inference-worker', 'projectors', 'query-api', 'shared', 'infra'];

function cruise(folder: string): Cruise {
  const program = join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [program, '--config', join(repository, 'dependency-rules.js'), '--output-type', 'json', ...packages];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

describe('the arrows over planted files', () => {
  const files = plantedFiles('arrows');
  let folder = '';
  let planted: Cruise | undefined;

  /** Copied out of the repository and given a node_modules of its own, so that `@turnledger/shared` is the planted one. */
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'planted-arrows-'));
    cpSync(plantedTree('arrows'), folder, { recursive: true });
    cpSync(join(folder, 'packages'), join(folder, 'node_modules'), { recursive: true });
    mkdirSync(join(folder, 'node_modules/@turnledger'));
    symlinkSync(join(folder, 'shared'), join(folder, 'node_modules/@turnledger/shared'), 'junction');
    planted = cruise(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const rulesAgainst = (name: string): readonly string[] =>
    (planted?.summary.violations ?? [])
      .filter(({ from, cycle = [] }) => from === name || cycle.some((one) => one.name === name))
      .map(({ rule }) => rule.name);

  it.each(files.filter(({ caught }) => caught))('$caught catches $name', ({ name, caught }) => {
    expect(rulesAgainst(name)).toContain(caught);
  });

  it.each(files.filter(({ allowed }) => allowed))('lets $name pass', ({ name }) => {
    expect(rulesAgainst(name)).toEqual([]);
  });

  it('has a planted violation of every rule', () => {
    const rules = planted?.summary.ruleSetUsed.forbidden.map(({ name }) => name) ?? [];
    const caught = new Set(files.map((file) => file.caught));
    expect(rules.filter((name) => !caught.has(name))).toEqual([]);
  });

  it('has a verdict on every planted file', () => {
    expect(files.filter(({ caught, allowed }) => !caught && !allowed)).toEqual([]);
  });
});

describe('the arrows over this repository', () => {
  let real: Cruise | undefined;

  beforeAll(() => {
    real = cruise(repository);
  });

  it('point the right way', () => {
    const violations = real?.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
    expect(violations).toEqual([]);
  });

  it('read TypeScript: a type that only the domain exports is seen on its way into the contracts', () => {
    const fields = real?.modules.find(({ source }) => source === 'shared/contracts/events/fields.ts');
    expect(fields?.dependencies.map(({ resolved }) => resolved)).toContain('shared/domain/index.ts');
  });

  it.each(['domain', 'contracts', 'trust', 'runtime'])('shared/%s has two users at least', (room) => {
    expect(usersOf(room, real?.modules ?? []).length).toBeGreaterThanOrEqual(2);
  });

  it('counts a package as one user, however many of its files import the door', () => {
    const imports = (source: string): Module => ({ source, dependencies: [{ resolved: 'shared/trust/index.ts' }] });
    const modules = ['query-api/src/proofs.ts', 'query-api/src/keys.ts', 'query-api/src/proofs.unit.test.ts'].map(
      imports,
    );
    expect(usersOf('trust', modules)).toEqual(['query-api']);
  });
});

/** The packages that import a room of shared/; another room of shared/ counts as one, a test as none. */
function usersOf(room: string, modules: readonly Module[]): readonly string[] {
  const users = modules
    .filter(({ source }) => !source.endsWith('.test.ts') && !source.startsWith(`shared/${room}/`))
    .filter(({ dependencies }) => dependencies.some(({ resolved }) => resolved.startsWith(`shared/${room}/`)))
    .map(({ source }) => /^(shared\/[^/]+|[^/]+)\//.exec(source)?.[1] ?? source);
  return [...new Set(users)];
}
