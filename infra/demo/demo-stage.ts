import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { createLog, readEmbeddedConfig } from '@turnledger/shared/runtime';
import { startEmbedded } from '../embedded/start-embedded.ts';
import { startUnderstudy, UNDERSTUDY, UNDERSTUDY_PRICES } from './understudy.ts';

/** Slow enough to be seen coming, fast enough for the whole demo to take some ten seconds. */
const WORD_MS = '35';

/** Where the demo plays. */
export interface DemoStage {
  readonly baseUrl: string;
  readonly token?: string;
  /** The endpoint of a second model; absent on a running Turnledger, of which nobody knows what it has. */
  readonly understudy?: string;
  readonly about: string;
  close(): Promise<void>;
}

/**
 * The stage of these arguments: a running Turnledger by `--url` (and `--token` where it asks for one), which keeps what is played, or else one
 * of the demo's own that leaves nothing behind. Throws `config_invalid` for arguments that say neither, and what startEmbedded throws.
 */
export async function openDemoStage(args: readonly string[]): Promise<DemoStage> {
  const { url, token } = readArguments(args);
  if (url === undefined) return await openOwnStage();
  return {
    baseUrl: url,
    ...(token !== undefined && { token }),
    about: 'A running Turnledger, which keeps what is played here, and answers by its own model.',
    close: async () => {},
  };
}

function readArguments(args: readonly string[]): { readonly url?: string; readonly token?: string } {
  try {
    const { values } = parseArgs({ args: [...args], options: { url: { type: 'string' }, token: { type: 'string' } } });
    const isUrl = values.url === undefined || (URL.canParse(values.url) && /^https?:/.test(values.url));
    if (isUrl && (values.token === undefined || values.url !== undefined)) return values;
  } catch {
    // The same line says what there is, whatever was wrong.
  }
  throw new TurnledgerError('config_invalid', { detail: 'npm run demo [-- --url http://… [--token …]]' });
}

/** A Turnledger of the demo's own: whatever the shell has in its environment, no key is used and no data is touched. */
async function openOwnStage(): Promise<DemoStage> {
  const folder = await mkdtemp(join(tmpdir(), 'turnledger-demo-'));
  const understudy = await startUnderstudy();
  const remove = async () => {
    await understudy.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await chmod(folder, 0o711); // As root the database is another user's, who must pass.
    const config = readEmbeddedConfig({
      PORT: '0',
      TURNLEDGER_DATA_DIR: join(folder, 'data'),
      TURNLEDGER_MODEL: 'scripted',
      TURNLEDGER_SCRIPTED_WORD_MS: WORD_MS,
      TURNLEDGER_ENDPOINTS: JSON.stringify({
        [UNDERSTUDY.endpoint]: {
          base_url: understudy.url,
          api_key_env: 'UNDERSTUDY_KEY',
          model: UNDERSTUDY.model,
          prices: { [UNDERSTUDY.model]: UNDERSTUDY_PRICES },
        },
      }),
      UNDERSTUDY_KEY: 'nobody-asks-for-it',
    });
    const turnledger = await startEmbedded(config, createLog(config.logLevel));
    return {
      baseUrl: turnledger.url,
      understudy: UNDERSTUDY.endpoint,
      about:
        'A Turnledger of its own: a scripted character and an understudy, a database in a temporary folder, no key.',
      close: async () => {
        try {
          await turnledger.stop();
        } finally {
          await remove();
        }
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
