/** The read models by name and version. A change to what a view holds is a new version: it is built beside the old one from the log. */
export const views = {
  sessions: { name: 'sessions', version: 3 },
  turns: { name: 'turns', version: 2 },
  llmCalls: { name: 'llm_calls', version: 1 },
  gameStates: { name: 'game_states', version: 2 },
  players: { name: 'players', version: 1 },
  scenarioVersions: { name: 'scenario_versions', version: 1 },
  usageDaily: { name: 'usage_daily', version: 2 },
  reruns: { name: 'reruns', version: 1 },
} as const;

export type View = (typeof views)[keyof typeof views];

/** A view's name with its version, as its checkpoint is kept under: `turns_v2`. */
export const viewName = ({ name, version }: { readonly name: View['name']; readonly version: number }): string =>
  `${name}_v${version}`;

/** Full name of a view's table, safe to stand in a statement: what projectors write and queries read. `turnledger_views.turns_v2`. */
export const viewTable = (view: { readonly name: View['name']; readonly version: number }): string =>
  `turnledger_views.${viewName(view)}`;
