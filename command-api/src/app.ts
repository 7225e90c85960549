import type { Route } from '@turnledger/shared/runtime';
import type { CommandPorts } from './ports.ts';
import { bookmarkSessionRoute } from './routes/bookmark-session.ts';
import { cancelRerunRoute } from './routes/cancel-rerun.ts';
import { cancelTurnRoute } from './routes/cancel-turn.ts';
import { configureRoute } from './routes/configure.ts';
import { endSessionRoute } from './routes/end-session.ts';
import { forkSessionRoute } from './routes/fork-session.ts';
import { generateRoute } from './routes/generate.ts';
import { judgeMoveRoute } from './routes/judge-move.ts';
import { openGateRoute } from './routes/open-gate.ts';
import { putPlayerRoute } from './routes/put-player.ts';
import { reconfigureSessionRoute } from './routes/reconfigure-session.ts';
import { requestTurnRoute } from './routes/request-turn.ts';
import { rerunScenarioRoute } from './routes/rerun-scenario.ts';
import { rerunSessionRoute } from './routes/rerun-session.ts';
import { retireScenarioRoute } from './routes/retire-scenario.ts';
import { rewindSessionRoute } from './routes/rewind-session.ts';
import { startSessionRoute } from './routes/start-session.ts';
import { TurnAdmission } from './turn-admission.ts';

/** The command side as a table of routes. It does no I/O of its own: everything goes through the ports. */
export const commandRoutes = (ports: CommandPorts): readonly Route[] => {
  const turnPorts = { ...ports, admission: new TurnAdmission(ports) };
  return [
    generateRoute(turnPorts),
    configureRoute(ports),
    retireScenarioRoute(ports),
    startSessionRoute(ports),
    requestTurnRoute(turnPorts),
    cancelTurnRoute(ports),
    judgeMoveRoute(ports),
    reconfigureSessionRoute(ports),
    bookmarkSessionRoute(ports),
    rewindSessionRoute(ports),
    forkSessionRoute(ports),
    endSessionRoute(ports),
    putPlayerRoute(ports),
    rerunSessionRoute(ports),
    rerunScenarioRoute(ports),
    cancelRerunRoute(ports),
    openGateRoute(ports),
  ];
};
