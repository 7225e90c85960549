// caught: services-import-ports
import type { Shape } from '@turnledger/shared/adapters/memory';

export const shape: Shape = '';
