// caught: domain-imports-nothing
import { name } from 'kept-package';

export const used = name;
