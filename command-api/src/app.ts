import type { Route } from '@turnledger/shared/runtime';
import type { CommandPorts } from './ports.ts';
import { cancelTurnRoute } from './routes/cancel-turn.ts';
import { configureRoute } from './routes/configure.ts';
import { endSessionRoute } from './routes/end-session.ts';
import { generateRoute } from './routes/generate.ts';
import { requestTurnRoute } from './routes/request-turn.ts';
import { startSessionRoute } from './routes/start-session.ts';

/** The command side as a table of routes. It does no I/O of its own: everything goes through the ports. */
export const commandRoutes = (ports: CommandPorts): readonly Route[] => [
  generateRoute(ports),
  configureRoute(ports),
  startSessionRoute(ports),
  requestTurnRoute(ports),
  cancelTurnRoute(ports),
  endSessionRoute(ports),
];
