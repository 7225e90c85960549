import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { catalogue } from '@turnledger/shared/contracts';
import { configVariables } from '@turnledger/shared/runtime';
import { repository } from './planted-files.ts';

const read = (path: string): string => readFileSync(join(repository, path), 'utf8');

describe('infra/docs/errors.md', () => {
  const rows = read('infra/docs/errors.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, code = '', status, retryable, text, whatToDo = '']) => ({ code, status, retryable, text, whatToDo }));

  it('has the codes of the catalogue, in its order, and no other', () => {
    expect(rows.map(({ code }) => code)).toEqual(Object.keys(catalogue).map((code) => `\`${code}\``));
  });

  it.each(Object.entries(catalogue))('tells %s as the catalogue does', (code, { status, retryable, title }) => {
    const row = rows.find((one) => one.code === `\`${code}\``);
    expect(row).toMatchObject({ status: String(status), retryable: retryable ? 'yes' : 'no', text: title });
  });

  it('tells what to do about each', () => {
    expect(rows.filter(({ whatToDo }) => !/^\S.{10,}\.$/.test(whatToDo)).map(({ code }) => code)).toEqual([]);
  });
});

describe('README.md', () => {
  const text = read('README.md');
  const section = (heading: string) => text.split(`\n## ${heading}\n`)[1]?.split('\n## ', 1)[0] ?? '';

  it('has every variable that is read in its table, once, and no other', () => {
    const rows = [...section('Configuration').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(rows.toSorted()).toEqual([...configVariables].toSorted());
  });

  it('names no script that npm does not have', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const pages = [text, read('CONTRIBUTING.md')].join('\n');
    const named = [...pages.matchAll(/npm run (?:--silent )?([a-z][a-z:-]*[a-z])/g)].map(([, name = '']) => name);
    expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
  });

  it.each([
    'README.md',
    'CONTRIBUTING.md',
    'infra/docs/godot.md',
    'infra/docs/local-model.md',
    'infra/docs/parked.md',
    'shared/client/README.md',
  ])('%s leads to files that are there', (page) => {
    const folder = dirname(join(repository, page));
    const links = [...read(page).matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(folder, link)))).toEqual([]);
  });
});

describe('the rooms of shared/', () => {
  const rooms = ['domain', 'contracts', 'ports', 'trust', 'adapters', 'client', 'runtime', 'testing'];

  it.each(rooms)('%s says in the first line of its README what it may not do', (room) => {
    const path = `shared/${room}/README.md`;
    const [line] = existsSync(join(repository, path)) ? read(path).split('\n', 1) : [`there is no ${path}`];
    expect(line).toMatch(/\b(may|must)\b.*\b(not|nothing|no|only|alone)\b|\bonly\b/i);
  });

  it('are these eight', () => {
    const folders = readdirSync(join(repository, 'shared'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !['dist', 'node_modules'].includes(entry.name))
      .map(({ name }) => name);
    expect(folders.toSorted()).toEqual(rooms.toSorted());
  });
});

describe('the decisions', () => {
  const folder = 'infra/docs/decisions';
  const pages = readdirSync(join(repository, folder)).filter((name) => /^\d{4}-.+\.md$/.test(name));
  const list = read(`${folder}/README.md`);

  it('are all in the list', () => {
    expect(pages.filter((name) => !list.includes(`(${name})`))).toEqual([]);
  });

  it('are numbered once each', () => {
    const numbers = pages.map((name) => name.slice(0, 4));
    expect(numbers).toEqual([...new Set(numbers)]);
  });

  it('give a reason for every library', () => {
    const folders = ['.', 'shared', 'command-api', 'inference-worker', 'projectors', 'query-api', 'infra'];
    const libraries = folders.flatMap((name) => {
      const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read(`${name}/package.json`));
      return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
    });
    const named = list.split('\n').flatMap((line) => line.split('|')[1]?.split(/[ ,]+/) ?? []);
    const known = (library: string): boolean =>
      /^@(types|turnledger)\//.test(library) ||
      named.includes(library) ||
      named.includes(library.replace(/\/.*/, '/*'));
    expect([...new Set(libraries)].filter((library) => !known(library))).toEqual([]);
  });
});
