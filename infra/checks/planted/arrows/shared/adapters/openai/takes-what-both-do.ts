// allowed: a file beside the folders holds what two adapters of one port do alike
import type { Shape } from '../../domain/index.ts';
import { order } from '../order-of-appends.ts';

export const both: Shape = order;
