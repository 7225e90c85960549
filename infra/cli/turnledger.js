#!/usr/bin/env node
import { existsSync } from 'node:fs';

// npm links a command while it installs, before anything is built, and leaves out one whose file is not there: so this file is no result of
// the build.
const built = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  process.stderr.write('turnledger: it is not built yet: npm run build\n');
  process.exitCode = 1;
}
