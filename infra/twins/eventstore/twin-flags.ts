import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type EventStoreFaultSpec, eventStoreFaultSchema } from './event-store-fault.ts';

export const TWIN_USAGE = `A stand-in for EventStoreDB: speaks its gRPC, keeps events in memory or in a file, and misbehaves as it is told.

  --port 2113          0 takes a free one
  --host 127.0.0.1
  --data FOLDER        keeps the events in a file there, flushed before every answer; by default they are gone with the twin
  --fault JSON         how it misbehaves from the start, e.g. '{"kind": "slow", "delayMs": 20}'
  --with-parent        ends when its standard input closes, so that it never outlives who started it
  --help, -h

While it runs, on the same port over HTTP:
  curl -X PUT localhost:2113/twin/fault -d '{"kind": "silent"}'       silent, unavailable, graceful_end, consumer_too_slow,
                                                                      execute_and_timeout, slow (delayMs), not_leader (host, port),
                                                                      kill_mid_batch (answers, graceMs); for some of the calls only:
                                                                      "calls": "append" or "read", "times": 1
  curl -X DELETE localhost:2113/twin/fault                            back to good order
  curl localhost:2113/twin                                            what rules, how much is stored`;

/** What the command line asks for. */
export type TwinFlags =
  | { readonly outcome: 'help' }
  | {
      readonly outcome: 'start';
      readonly host: string;
      readonly port: number;
      readonly dataFolder: string | undefined;
      readonly fault: EventStoreFaultSpec | undefined;
      readonly withParent: boolean;
    }
  | { readonly outcome: 'mistake'; readonly message: string };

const options = {
  port: { type: 'string', default: '2113' },
  host: { type: 'string', default: '127.0.0.1' },
  data: { type: 'string' },
  fault: { type: 'string' },
  'with-parent': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Reads the flags; never throws. A mistake is one line that names the flag. */
export const readTwinFlags = (args: readonly string[]): TwinFlags => {
  try {
    const { values } = parseArgs({ options, args: [...args] });
    if (values.help) return { outcome: 'help' };
    const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
    if (!(port <= 65_535)) return { outcome: 'mistake', message: '--port must be a whole number from 0 to 65535' };
    const fault = values.fault === undefined ? undefined : eventStoreFaultSchema.safeParse(parsedJson(values.fault));
    if (fault?.error !== undefined)
      return { outcome: 'mistake', message: `--fault ${z.prettifyError(fault.error).replaceAll('\n', ' ')}` };
    return {
      outcome: 'start',
      host: values.host,
      port,
      dataFolder: values.data,
      fault: fault?.data,
      withParent: values['with-parent'],
    };
  } catch (error) {
    return { outcome: 'mistake', message: error instanceof Error ? error.message : String(error) };
  }
};
