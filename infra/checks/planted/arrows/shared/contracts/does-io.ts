// caught: contracts-import-domain-and-zod
import { createServer } from 'node:http';

export const serve = createServer;
