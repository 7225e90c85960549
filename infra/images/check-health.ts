import { get } from 'node:http';
import { limits } from '@turnledger/shared/contracts';

/**
 * `check-health PATH`: asks the process of this container and exits with 0 for a 200, with 1 for anything else, within
 * limits.edge.readyTimeoutMs. The image has no curl, and needs none. PORT says where.
 */
const [path = '/healthz'] = process.argv.slice(2);
const signal = AbortSignal.timeout(limits.edge.readyTimeoutMs);
get({ host: '127.0.0.1', port: process.env.PORT, path, signal }, (response) => {
  response.resume();
  process.exitCode = response.statusCode === 200 ? 0 : 1;
}).on('error', () => {
  process.exitCode = 1;
});
