import { parseArgs } from 'node:util';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { type LoopName, loopNames } from './run-loops.ts';

const isLoop = (name: string): name is LoopName => loopNames.some((one) => one === name);

/** Which loops a process is to run: those that `--only` names, once each, or all. Throws `config_invalid`. */
export function readProjectorFlags(args: readonly string[]): readonly LoopName[] {
  const names = namesIn(args);
  const unknown = names.find((name) => !isLoop(name));
  if (unknown !== undefined)
    throw new TurnledgerError('config_invalid', { detail: `--only takes ${loopNames.join(', ')}` });
  return names.length === 0 ? loopNames : loopNames.filter((name) => names.includes(name));
}

function namesIn(args: readonly string[]): readonly string[] {
  try {
    const { only = [] } = parseArgs({ args: [...args], options: { only: { type: 'string', multiple: true } } }).values;
    return only.flatMap((text) => text.split(','));
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new TurnledgerError('config_invalid', { detail, cause });
  }
}
