import { viewName, viewTable } from '../../contracts/index.ts';
import type { ViewDefinition } from '../../ports/index.ts';
import { gameStatesTable } from './view-game-states-table.ts';
import { llmCallsTable } from './view-llm-calls-table.ts';
import { playersTable } from './view-players-table.ts';
import { rerunsTable } from './view-reruns-table.ts';
import { scenarioVersionsTable } from './view-scenario-versions-table.ts';
import { sessionsTable } from './view-sessions-table.ts';
import { turnsTable } from './view-turns-table.ts';
import { usageDailyTable } from './view-usage-daily-table.ts';

/** The statements that make one view's table and indexes where absent, given the table's full name and its name without the schema. */
type TableStatements = (table: string, name: string) => string;

const statementsOf: { readonly [name in ViewDefinition['name']]: TableStatements } = {
  turns: turnsTable,
  sessions: sessionsTable,
  llm_calls: llmCallsTable,
  game_states: gameStatesTable,
  players: playersTable,
  scenario_versions: scenarioVersionsTable,
  usage_daily: usageDailyTable,
  reruns: rerunsTable,
};

/** What makes a view's table and indexes where absent; several statements in one text. */
export const viewStatements = (view: ViewDefinition): string =>
  statementsOf[view.name](viewTable(view), viewName(view));
