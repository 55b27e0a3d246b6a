// The import rules of the house: who may know whom. One row a lib: the libs, npm packages and Node modules that its sources may import.
// Nothing of Node where `node` is an empty list, anything where it is absent.
const layers = {
  contracts: { libs: [], npm: ['zod'], node: [] },
  cycle: { libs: ['contracts', 'keyed-state'], npm: ['yaml', 're2js'], node: ['crypto'] },
  runtime: { libs: ['contracts'], npm: [] },
  tracing: { libs: ['contracts', 'runtime'], npm: ['@opentelemetry'] },
  sources: { libs: ['contracts', 'runtime'], npm: ['csv-parse'] },
  access: { libs: ['contracts', 'runtime'], npm: ['ioredis'] },
  'tracking-plan': { libs: ['contracts', 'runtime', 'access'], npm: ['ajv', 'ajv-formats', 're2js', 'zod'], node: [] },
  'event-log': { libs: ['contracts', 'runtime'], npm: ['kafkajs', 'lz4-napi', 'snappy', 'zod'] },
  archive: { libs: ['contracts', 'runtime', 'event-log'], npm: ['zod', 'hyparquet', 'hyparquet-writer'] },
  quarantine: { libs: ['contracts', 'runtime', 'cycle', 'sources', 'event-log'], npm: ['zod'], node: [] },
  'keyed-state': { libs: ['contracts', 'runtime'], npm: [] },
  pipeline: { libs: ['contracts', 'cycle', 'event-log', 'keyed-state', 'runtime'], npm: ['zod'] },
  projections: { libs: ['contracts', 'cycle', 'event-log', 'keyed-state', 'runtime'], npm: ['ioredis'] },
  history: { libs: ['contracts', 'cycle', 'event-log', 'runtime'], npm: ['@duckdb/node-api'] },
  simulation: { libs: ['contracts'], npm: [], node: [] },
  process: { libs: ['contracts', 'cycle', 'event-log', 'runtime', 'tracing'], npm: ['zod', 'pino', 'prom-client'] },
}

// Tests, and conformance suites that tests of adapters call, may import what they like.
const sourcesOf = (lib) => ({ path: `^libs/${lib}/src/`, pathNot: '\\.spec\\.ts$|/conformance' })
const anyOf = (names) => `(${names.join('|')})`
const never = '^$'

const layerRules = Object.entries(layers).flatMap(([lib, { libs, npm, node }]) => [
  {
    name: `${lib}-libs`,
    comment: `${lib} may import ${libs.length === 0 ? 'no other lib' : libs.join(', ')}`,
    severity: 'error',
    from: sourcesOf(lib),
    to: { path: '^(libs|apps|test|scripts)/', pathNot: `^libs/${lib}/src/|${libs.length === 0 ? never : `^libs/${anyOf(libs)}/src/index\\.ts$`}` },
  },
  {
    name: `${lib}-packages`,
    comment: `${lib} may import ${npm.length === 0 ? 'no npm package' : npm.join(', ')}`,
    severity: 'error',
    from: sourcesOf(lib),
    to: { path: 'node_modules/', pathNot: npm.length === 0 ? never : `node_modules/${anyOf(npm)}/` },
  },
  ...(node === undefined
    ? []
    : [
        {
          name: `${lib}-node`,
          comment: `${lib} may import of Node ${node.length === 0 ? 'nothing' : node.join(', ')}`,
          severity: 'error',
          from: sourcesOf(lib),
          to: { dependencyTypes: ['core'], pathNot: node.length === 0 ? never : `^(node:)?${anyOf(node)}$` },
        },
      ]),
])

// Folders inside a lib or an app, the lowest first: each may import those before it. So there is no circle between folders either.
const folderRanks = {
  'libs/cycle/src': ['calendar', 'packed', 'measures', 'compile', 'definition', 'remarks', 'events', 'state', 'fold', 'scenario'],
  'apps/serving/src': [
    'answers',
    'feed',
    'live',
    'late',
    'sources',
    'history',
    'actors',
    'cycles',
    'questions',
    'events',
    'accounting',
    'served',
    'routes',
    'page',
  ],
  'libs/sources/src': ['rows', 'times', 'text', 'csv', 'json', 'dialects', 'mapping', 'repair', 'sorting', 'reading'],
  'libs/process/src': ['messages', 'settings', 'probes', 'reload'],
  'libs/event-log/src/kafka': ['client', 'allowed', 'log', 'topics', 'checkpoints', 'assignment', 'sources', 'quarantine', 'rights'],
}

const folderRules = Object.entries(folderRanks).flatMap(([place, folders]) => [
  ...folders.map((folder, rank) => ({
    name: `${place}/${folder}`,
    comment: `${place}/${folder} may import ${rank === 0 ? 'no other folder beside it' : folders.slice(0, rank).join(', ')}`,
    severity: 'error',
    from: { path: `^${place}/${folder}/`, pathNot: '\\.spec\\.ts$' },
    to: { path: `^${place}/`, pathNot: `^${place}/${anyOf(folders.slice(0, rank + 1))}/` },
  })),
  {
    name: `${place}-folder-without-a-rank`,
    comment: `give the new folder of ${place} its place in folderRanks`,
    severity: 'error',
    from: { path: `^${place}/[^/]+/`, pathNot: `^${place}/${anyOf(folders)}/` },
    to: {},
  },
])

module.exports = {
  forbidden: [
    ...layerRules,
    ...folderRules,
    {
      name: 'ioredis-late',
      comment: 'ioredis is imported by who connects, when it does (await import): to have loaded it slows the whole thread (docs/decisions/0006)',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: '\\.spec\\.ts$' },
      to: { path: 'node_modules/ioredis/', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'duckdb-late',
      comment: 'DuckDB is loaded when a history is opened (await import), and only there: it takes memory, and there may be no binary for the machine',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: '\\.spec\\.ts$' },
      to: { path: 'node_modules/@duckdb/', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'opentelemetry-late',
      comment: 'OpenTelemetry is loaded by start-tracing.ts, and only where tracing is on (await import)',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: '\\.spec\\.ts$|^libs/tracing/src/' },
      to: { path: ['node_modules/@opentelemetry/', '^libs/tracing/src/(?!index|start-tracing)'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'start-tracing-loads-late',
      comment: 'what a process loads without tracing: no file that imports OpenTelemetry',
      severity: 'error',
      from: { path: '^libs/tracing/src/(index|start-tracing)\\.ts$' },
      to: {
        path: ['node_modules/@opentelemetry/', '^libs/tracing/src/'],
        pathNot: '^libs/tracing/src/start-tracing\\.ts$',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'lib-without-a-row',
      comment: 'give the new lib a row in .dependency-cruiser.cjs',
      severity: 'error',
      from: { path: '^libs/', pathNot: `^libs/${anyOf(Object.keys(layers))}/` },
      to: {},
    },
    {
      name: 'apps-by-index',
      comment: 'an app imports a lib by its #name, whose index.ts says what it offers',
      severity: 'error',
      from: { path: '^apps/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/', pathNot: '^libs/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'apps-apart',
      comment:
        'apps do not import each other; only standalone puts their modules together. apps/nest is no app: it is what apps need of Nest, which libs may not know',
      severity: 'error',
      from: { path: '^apps/(?!dashboard/)([^/]+)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^apps/', pathNot: ['^apps/$1/', '^apps/nest/', '\\.module\\.ts$'] },
    },
    {
      name: 'modules-into-standalone',
      comment: 'apps do not import each other; only standalone puts their modules together',
      severity: 'error',
      from: { path: '^apps/(?!dashboard/)([^/]+)/', pathNot: '^apps/standalone/|\\.spec\\.ts$' },
      to: { path: '^apps/', pathNot: ['^apps/$1/', '^apps/nest/'] },
    },
    {
      name: 'dashboard-runs-in-browsers',
      comment: 'the dashboard is bundled for browsers: of the server it knows the types of answers alone, and nothing of Node',
      severity: 'error',
      from: { path: '^apps/dashboard/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(apps/(?!dashboard/)|libs/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'dashboard-packages',
      comment: 'what browsers load stays small',
      severity: 'error',
      from: { path: '^apps/dashboard/', pathNot: '\\.spec\\.ts$' },
      to: { path: 'node_modules/', pathNot: 'node_modules/(preact|@preact|@types/d3-sankey|d3-sankey)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'dashboard-without-node',
      comment: 'there is no Node in a browser',
      severity: 'error',
      from: { path: '^apps/dashboard/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'nest-below-apps',
      comment: 'what all apps stand on knows none of them',
      severity: 'error',
      from: { path: '^apps/nest/' },
      to: { path: '^apps/', pathNot: '^apps/nest/' },
    },
    {
      name: 'nest-in-apps-only',
      comment: 'libs and the command do not know Nest; a peer that is measured against and the server of tests do',
      severity: 'error',
      from: { pathNot: '^apps/(?!cli/)|^test/bench/peers/|^test/fixtures/http/|\\.spec\\.ts$' },
      to: { path: 'node_modules/(@nestjs/|reflect-metadata/|rxjs/)' },
    },
    {
      name: 'oracle-apart',
      comment: 'the oracle shares nothing with what it judges but the schemas',
      severity: 'error',
      from: { path: '^test/oracle/', pathNot: '\\.spec\\.ts$|/fold-runs\\.ts$' },
      to: { path: '^(libs|apps)/', pathNot: '^libs/contracts/src/index\\.ts$' },
    },
    { name: 'no-circular', comment: 'a cycle of imports has no order', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      comment: 'nothing imports it and it imports nothing',
      severity: 'error',
      from: { orphan: true, pathNot: '\\.spec\\.ts$|\\.d\\.m?ts$|/index\\.ts$|/main\\.tsx?$|\\.(js|cjs|mjs)$' },
      to: {},
    },
    { name: 'not-to-specs', comment: 'a test is nobody’s dependency', severity: 'error', from: {}, to: { path: '\\.spec\\.ts$' } },
    { name: 'not-to-unresolvable', comment: 'it does not exist, or package.json does not name it', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'not-to-dev-dependencies',
      comment: 'what is shipped rests on dependencies only',
      severity: 'error',
      // What the dashboard uses is bundled into its file.
      from: { path: '^(apps|libs)/', pathNot: '\\.spec\\.ts$|/conformance|^apps/dashboard/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // test/clients has programs of other systems, whose packages are not installed here.
    exclude: { path: '^(dist|coverage|\\.stryker-tmp|test/clients)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['rondo-source', 'import', 'node', 'default', 'types'], exportsFields: ['exports'] },
  },
}
