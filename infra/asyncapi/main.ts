import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeTopics } from './describe-topics.ts';

/** `npm run asyncapi`: writes infra/docs/asyncapi.json; a test holds the committed file against the schemas. */
const path = fileURLToPath(new URL('../../docs/asyncapi.json', import.meta.url));
writeFileSync(path, `${JSON.stringify(describeTopics(), null, 2)}\n`);
console.log(`wrote ${path}`);
