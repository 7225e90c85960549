import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { register } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { transform, version } from '@swc/core';

/**
 * Lets plain Node run our TypeScript sources: `node --conditions=turnledger-source --import <this file> program.ts`.
 * For programs that tests start beside jest (Node 20 strips no types itself); a product run uses dist.
 */
if (isMainThread) register(import.meta.url);

/** Where what was made of a source is kept, by its content: a run of the tests starts some hundred programs of 400 files each. */
const kept = fileURLToPath(new URL('../../node_modules/.cache/turnledger-typescript/', import.meta.url));

const options = {
  configFile: false,
  swcrc: false,
  jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const text = await readFile(filename, 'utf8');
  const name = createHash('sha256')
    .update(JSON.stringify([version, options, filename, text]))
    .digest('hex');
  const place = `${kept}${name}.js`;
  const source = await readFile(place, 'utf8').catch(() => transformed(filename, text, place));
  return { format: 'module', source, shortCircuit: true };
}

async function transformed(filename, text, place) {
  const { code } = await transform(text, { ...options, filename });
  // Written aside and moved: another program may read while this one writes. Where nothing can be kept, nothing is.
  const aside = `${place}.${process.pid}`;
  await mkdir(dirname(place), { recursive: true })
    .then(() => writeFile(aside, code))
    .then(() => rename(aside, place))
    .catch(() => undefined);
  return code;
}
