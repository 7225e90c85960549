import type { Route } from '@turnledger/shared/runtime';
import type { QueryPorts } from './ports.ts';
import { healthzRoute, readyzRoute } from './routes/health.ts';
import { replayRoute } from './routes/replay.ts';
import { scenarioRoute, scenarioVersionsRoute } from './routes/scenarios.ts';
import { listSessionsRoute, sessionRoute } from './routes/sessions.ts';
import { turnStreamRoute } from './routes/turn-stream.ts';
import { listTurnsRoute, turnRoute } from './routes/turns.ts';

/** The query side as a table of routes. It writes nothing. */
export const queryRoutes = (ports: QueryPorts): readonly Route[] => [
  listSessionsRoute(ports),
  sessionRoute(ports),
  listTurnsRoute(ports),
  turnRoute(ports),
  turnStreamRoute(ports),
  replayRoute(ports),
  scenarioRoute(ports),
  scenarioVersionsRoute(ports),
  healthzRoute(),
  readyzRoute(ports),
];
