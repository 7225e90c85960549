// caught: lint/style/noRestrictedImports
import { setTimeout as pause } from 'node:timers/promises';

export const rest = () => pause(1_000);
