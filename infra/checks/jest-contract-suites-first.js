import Sequencer from '@jest/test-sequencer';

const isContractSuite = ({ path }) => path.endsWith('.contract.test.ts');

/**
 * Jest's order with the contract suites before all others. In a fresh clone jest takes the size of a file for its duration, and a contract suite
 * is a few lines that import a long contract: the event store's, 49 s, came last of 320.
 */
export default class ContractSuitesFirst extends Sequencer {
  sort(tests) {
    const order = super.sort(tests);
    return [...order.filter(isContractSuite), ...order.filter((test) => !isContractSuite(test))];
  }
}
