import type { CommandPorts } from './ports.ts';
import type { TurnAdmission } from './turn-admission.ts';

/** What the routes that take turns need besides: who counts them, one for all of a process. */
export interface TurnPorts extends CommandPorts {
  readonly admission: TurnAdmission;
}
