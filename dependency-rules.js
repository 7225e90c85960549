/**
 * The arrows of the architecture, as dependency-cruiser reads them (`npm run arrows`). Who may import whom is the design; a wrong-way
 * import still compiles, so only these rules hold it. infra/checks/arrows.unit.test.ts shows each rule catching a planted violation.
 */
const services = 'command-api|query-api|projectors|inference-worker';
const ours = `^(${services}|shared|infra)/`;
const tests = '\\.(unit|contract|wire|sim|engine)\\.test\\.ts$';
/** What several tests of one service share and shared/testing cannot have, since it drives that service. */
const stages = `^(${services})/src/(.*/|)testing/`;
const drawers = '(^|/)(utils?|helpers?|common|misc|types|constants)(/|\\.[cm]?[jt]s$)';

/** A rule for the sources of one place; tests are held by the rules that name no place alone. */
const from = (path) => ({ path, pathNot: tests });

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'domain-imports-nothing',
      comment: 'The domain is pure: no package, no Node module, no other room.',
      severity: 'error',
      from: from('^shared/domain/'),
      to: { pathNot: '^shared/domain/' },
    },
    {
      name: 'contracts-import-domain-and-zod',
      comment: 'What crosses a process is data and its schema.',
      severity: 'error',
      from: from('^shared/contracts/'),
      to: { pathNot: ['^shared/(contracts|domain)/', '(^|node_modules/)zod(/|$)'] },
    },
    {
      name: 'ports-import-contracts-and-domain',
      comment: 'A port is an interface and its outcomes; a technology behind it is an adapter.',
      severity: 'error',
      from: from('^shared/ports/'),
      to: { pathNot: '^shared/(ports|contracts|domain)/' },
    },
    {
      name: 'trust-imports-crypto',
      comment: 'Pure crypto: node:crypto and the shapes it hashes.',
      severity: 'error',
      from: from('^shared/trust/'),
      to: { pathNot: ['^shared/(trust|contracts|domain)/', '^(node:)?crypto$'] },
    },
    {
      name: 'runtime-imports-no-adapter',
      comment: 'The process kit works with ports; which adapter is behind one is decided in main.ts.',
      severity: 'error',
      from: from('^shared/runtime/'),
      to: { path: ours, pathNot: '^shared/(runtime|ports|contracts|domain|trust)/' },
    },
    {
      name: 'adapters-import-ports',
      comment:
        'An adapter knows its port and its technology, not another adapter and not who uses it. What two adapters of one port must do alike is a file beside their folders.',
      severity: 'error',
      from: from('^shared/adapters/([^/]+)'),
      to: {
        path: ours,
        pathNot: ['^shared/adapters/$1/', '^shared/adapters/[^/]+\\.ts$', '^shared/(ports|contracts|domain|trust)/'],
      },
    },
    {
      name: 'client-imports-nothing',
      comment: "The game's client has no dependency but types, so that it runs wherever a game does.",
      severity: 'error',
      from: from('^shared/client/'),
      to: { pathNot: '^shared/(client|contracts)/' },
    },
    {
      name: 'services-import-ports',
      comment:
        'A service works with ports; only its main.ts, and what that opens them with (open-models.ts), chooses adapters.',
      severity: 'error',
      from: { path: `^(${services})/`, pathNot: [tests, stages, `^(${services})/src/(main|open-models)\\.ts$`] },
      to: { path: '^shared/(adapters|client)/' },
    },
    {
      name: 'services-stay-apart',
      comment: 'Services meet in the log, the topics and the views, never in an import; tests are no exception.',
      severity: 'error',
      from: { path: `^(${services})/` },
      to: { path: `^(${services})/`, pathNot: '^$1/' },
    },
    {
      name: 'shared-is-below-services',
      comment: 'shared/ is what services stand on; tests are no exception.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: `^(${services})/` },
    },
    {
      name: 'infra-is-on-top',
      comment: 'infra/ runs, watches and breaks the rest; nothing knows it.',
      severity: 'error',
      from: { pathNot: '^infra/' },
      to: { path: '^infra/' },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'Contract suites, generators and the stages of tests never run in a product process.',
      severity: 'error',
      from: { pathNot: [tests, stages, '^shared/testing/', '^infra/(chaos|checks|(embedded|distributed)/testing)/'] },
      to: { path: ['^shared/testing/', stages] },
    },
    {
      name: 'testing-imports-no-adapter',
      comment: 'A contract suite takes a factory, so that the next adapter must pass the same.',
      severity: 'error',
      from: from('^shared/testing/'),
      to: { path: ours, pathNot: '^shared/(testing|runtime|ports|contracts|domain|trust)/' },
    },
    {
      name: 'tests-are-not-imported',
      comment: 'What two tests share lives in shared/testing, or in a folder testing beside them.',
      severity: 'error',
      from: {},
      to: { path: tests },
    },
    {
      name: 'through-the-door',
      comment:
        'A room is entered by its index.ts, so that what it promises is one list. Inside shared/ a test names the suite it runs: a door that loads every suite, and pg with it, would be loaded once a test file.',
      severity: 'error',
      from: { path: '^(shared/(?:adapters/)?[^/]+|[^/]+)/' },
      to: {
        path: '^shared/',
        pathNot: ['^$1/', '^shared/(adapters/)?[^/]+/index\\.ts$', '^shared/(adapters|testing)/[^/]+\\.ts$'],
      },
    },
    {
      name: 'no-cycles',
      comment: 'Modules that import each other are one module in two files.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-drawers',
      comment: 'A name that says nothing collects what belongs elsewhere.',
      severity: 'error',
      from: {},
      module: { path: drawers, pathNot: 'node_modules/', numberOfDependentsLessThan: 100 },
    },
    {
      name: 'declared-packages',
      comment: 'A package that no package.json up the tree names is there by the luck of hoisting.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'development-packages-stay-out',
      comment: 'A process that was installed without development packages must start.',
      severity: 'error',
      from: { path: ours, pathNot: [tests, '^shared/testing/', '^infra/checks/'] },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'imports-resolve',
      comment: 'What cannot be found cannot be held to an arrow.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|infra/checks/planted)/' },
    /**
     * swc reads TypeScript as it is, so imports of types are arrows too. It does not tell them from imports of values; where only types
     * may pass (client -> contracts, adapters -> domain), infra/checks/lint/only-types-of-*.grit holds it.
     */
    parser: 'swc',
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    preserveSymlinks: false,
    enhancedResolveOptions: {
      conditionNames: ['turnledger-source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.json', '.node'],
    },
  },
};
