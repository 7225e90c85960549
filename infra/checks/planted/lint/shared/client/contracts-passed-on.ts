// caught: plugin, types alone of contracts
export { limits } from '../contracts/index.ts';
