// caught: declared-packages
import { name } from 'left-out';

export const lucky = name;
