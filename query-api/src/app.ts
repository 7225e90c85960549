import type { Route } from '@turnledger/shared/runtime';
import type { QueryPorts } from './ports.ts';
import { gameStateRoute } from './routes/game-state.ts';
import { lineageRoute } from './routes/lineage.ts';
import { listCallsRoute } from './routes/llm-calls.ts';
import { playerRoute } from './routes/players.ts';
import { replayRoute } from './routes/replay.ts';
import { rerunTurnsRoute } from './routes/rerun-turns.ts';
import { listRerunsRoute, rerunRoute } from './routes/reruns.ts';
import { scenarioStatsRoute } from './routes/scenario-stats.ts';
import { scenarioRoute, scenarioVersionsRoute } from './routes/scenarios.ts';
import { sessionEventsRoute } from './routes/session-events.ts';
import { listSessionsRoute, sessionRoute } from './routes/sessions.ts';
import { turnStreamRoute } from './routes/turn-stream.ts';
import { listTurnsRoute, turnRoute } from './routes/turns.ts';
import { usageRoute } from './routes/usage.ts';

/** The query side as a table of routes. It writes nothing. */
export const queryRoutes = (ports: QueryPorts): readonly Route[] => [
  listSessionsRoute(ports),
  sessionRoute(ports),
  gameStateRoute(ports),
  listTurnsRoute(ports),
  turnRoute(ports),
  turnStreamRoute(ports),
  sessionEventsRoute(ports),
  replayRoute(ports),
  lineageRoute(ports),
  playerRoute(ports),
  scenarioRoute(ports),
  scenarioVersionsRoute(ports),
  scenarioStatsRoute(ports),
  usageRoute(ports),
  listCallsRoute(ports),
  listRerunsRoute(ports),
  rerunRoute(ports),
  rerunTurnsRoute(ports),
];
