import { viewName, viewTable } from '../../contracts/index.ts';
import type { ViewDefinition } from '../../ports/index.ts';
import { scenarioVersionsTable } from './view-scenario-versions-table.ts';
import { sessionsTable } from './view-sessions-table.ts';
import { turnsTable } from './view-turns-table.ts';

/** The statements that make one view's table and indexes where absent, given the table's full name and its name without the schema. */
type TableStatements = (table: string, name: string) => string;

const statementsOf: { readonly [name in ViewDefinition['name']]: TableStatements } = {
  turns: turnsTable,
  sessions: sessionsTable,
  scenario_versions: scenarioVersionsTable,
};

/** What makes a view's table and indexes where absent; several statements in one text. */
export const viewStatements = (view: ViewDefinition): string =>
  statementsOf[view.name](viewTable(view), viewName(view));
