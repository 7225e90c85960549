import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { programArguments } from '../bench/processes/program.ts';
import type { Engine } from '../engines/engine.ts';
import { freePorts } from '../engines/free-ports.ts';

/** The event-store twin as an engine of ours: what it is called, where it answers. */
export type EventStoreTwinProcess = Pick<Engine, 'url' | 'pid' | 'description' | 'ended' | 'stop'>;

/**
 * Starts the twin as a process that keeps its events in a folder, each write flushed to the disk before it is acknowledged. It ends by
 * itself when this one does. Throws `engine_ended`.
 */
export async function startEventStoreTwinProcess(folder: string): Promise<EventStoreTwinProcess> {
  const [port = 0] = await freePorts(1);
  const flags = ['--port', String(port), '--data', folder, '--with-parent'];
  const child = spawn(process.execPath, [...programArguments('twins/eventstore/main'), ...flags], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  child.stdin.on('error', () => undefined);
  const closed = once(child, 'close').then(() => `ended with ${child.exitCode ?? child.signalCode}`);
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), closed.then((words) => [words])]);
  const url = /esdb:\S+/.exec(String(line))?.[0];
  if (url === undefined) throw new TurnledgerError('engine_ended', { detail: `the event-store twin: ${line}` });
  return {
    url,
    pid: child.pid ?? 0,
    description: 'the event-store twin, no EventStoreDB: it speaks its protocol and keeps its promises on one node',
    ended: closed,
    async stop() {
      child.stdin.end();
      await closed;
    },
  };
}
