import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repository } from './planted-files.ts';

const read = (path: string) => JSON.parse(readFileSync(join(repository, path), 'utf8'));
const scripts: { readonly [name: string]: string } = read('package.json').scripts;
const programs = Object.entries(scripts).flatMap(([name, line]) =>
  [...line.matchAll(/\b([\w-]+)\/dist\/(\S+)\.js\b/g)].map(([, folder = '', path = '']) => ({ name, folder, path })),
);

test.each(programs)('npm run $name runs a program whose source is there, and is built', ({ folder, path }) => {
  expect(existsSync(join(repository, folder, `${path}.ts`))).toBe(true);
  const { include }: { readonly include: readonly string[] } = read(join(folder, 'tsconfig.json'));
  expect(include).toContain(path.split('/')[0]);
});
