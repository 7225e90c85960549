// caught: imports-resolve
import { name } from 'no-such-package';

export const lost = name;
