// caught: development-packages-stay-out
import { name } from 'dev-only';

export const absent = name;
