const { arrows, everywhere, homes } = require('./arrows.cjs');

const libs = Object.keys(arrows);
const anyOf = (names) => `(${names.join('|')})`;
// A spec may use what it likes of npm packages and testing front doors, but its lib's arrows hold for it, too.
const spec = '\\.spec\\.ts$';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-found',
      comment: 'An import that leads nowhere would slip through every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    ...libs.map((lib) => ({
      name: `arrow-${lib}`,
      comment: `arrows.cjs lists what ${lib} may import.`,
      severity: 'error',
      from: { path: `^libs/${lib}/` },
      to: { path: '^libs/', pathNot: `^libs/${anyOf([lib, ...everywhere, ...arrows[lib]])}/` },
    })),
    {
      name: 'no-way-up',
      comment: 'Libs are what apps are made of; they never import apps, tests or scripts.',
      severity: 'error',
      from: { path: '^(libs|migrations)/', pathNot: spec },
      to: { path: '^(apps|test|scripts)/' },
    },
    {
      name: 'front-door-only',
      comment: 'Import a lib by its front door (#lib, in specs #testing/lib), never by an inner file.',
      severity: 'error',
      from: { path: '^(libs/[^/]+|apps/[^/]+|test|scripts|migrations)/' },
      to: { path: '^libs/[^/]+/src/(?!index\\.ts$|testing/index\\.ts$)', pathNot: '^$1/' },
    },
    {
      name: 'testing-in-specs-only',
      comment: 'What helps specs is not shipped.',
      severity: 'error',
      from: { path: '^(libs|apps|migrations)/', pathNot: `${spec}|/src/testing/` },
      to: { path: '^libs/[^/]+/src/testing/' },
    },
    {
      name: 'no-own-front-door',
      comment: 'Inside a lib, import the file, not the index: barrels make cycles.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/src/(?!index\\.ts$)' },
      to: { path: '^libs/$1/src/index\\.ts$' },
    },
    ...Object.entries(homes).map(([vendor, home]) => ({
      name: `one-home-${vendor}`,
      comment: 'One vendor, one home: arrows.cjs says where.',
      severity: 'error',
      from: { path: '^(libs|apps|migrations)/', pathNot: `${home}|${spec}` },
      to: { path: `(^|/)node_modules/(@types/)?${vendor}(/|$)` },
    })),
    {
      name: 'apps-stand-alone',
      comment: 'Apps share libs, never each other.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'unlisted-lib',
      comment: 'A lib that is not in arrows.cjs has no place in the story yet: a new noun is a decision (docs/decisions).',
      severity: 'error',
      from: {},
      to: { path: '^libs/', pathNot: `^libs/${anyOf(libs)}/` },
    },
    {
      name: 'unlisted-lib-inside',
      severity: 'error',
      from: { path: '^libs/', pathNot: `^libs/${anyOf(libs)}/` },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.js', '.json', '.d.ts', '.cjs', '.mjs'],
    },
  },
};
