import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { plantedFiles, plantedTree, repository } from './planted-files.ts';

interface Finding {
  readonly category: string;
  readonly message: string;
  readonly severity: string;
  readonly location: { readonly path: string };
}

function lintErrors(folder: string): readonly Finding[] {
  const biome = join(repository, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.'];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (stdout === '') throw new Error(stderr);
  const { diagnostics }: { readonly diagnostics: readonly Finding[] } = JSON.parse(stdout);
  return diagnostics.filter(({ severity }) => severity === 'error');
}

describe('the linter over planted files', () => {
  const files = plantedFiles('lint');
  let folder = '';
  let findings: readonly Finding[] = [];

  /** The tree is copied under the real configuration, so that its paths are those the rules are scoped by. */
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'planted-lint-'));
    cpSync(plantedTree('lint'), folder, { recursive: true });
    cpSync(join(repository, 'infra/checks/lint'), join(folder, 'infra/checks/lint'), { recursive: true });
    for (const name of ['biome.json', 'package.json']) cpSync(join(repository, name), join(folder, name));
    findings = lintErrors(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const saidOf = (name: string): readonly string[] =>
    findings.filter(({ location }) => location.path === name).map(({ category, message }) => `${category}, ${message}`);

  it.each(files.filter(({ caught }) => caught))('catches $name: $caught', ({ name, caught }) => {
    const [category = '', words = ''] = caught.split(', ');
    expect(saidOf(name)).toContainEqual(expect.stringMatching(new RegExp(`^${category}, .*${words}`)));
  });

  it.each(files.filter(({ allowed }) => allowed))('lets $name pass', ({ name }) => {
    expect(saidOf(name)).toEqual([]);
  });

  it('has a verdict on every planted file', () => {
    expect(files.filter(({ caught, allowed }) => !caught && !allowed)).toEqual([]);
  });
});

describe('the linter over this repository', () => {
  it('finds no error', () => {
    const errors = lintErrors(repository).map((one) => `${one.location.path}: ${one.category}: ${one.message}`);
    expect(errors).toEqual([]);
  });
});
