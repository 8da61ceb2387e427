import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseSettings, settingsTable } from '#settings';

type Service = {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly profiles?: readonly string[];
  readonly stop_grace_period?: string;
};
type Composition = { readonly services: Readonly<Record<string, Service>>; readonly volumes: Readonly<Record<string, unknown>> };

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const text = read('docker-compose.yml');
const { services, volumes } = parse(text, { merge: true }) as Composition;
const all = Object.entries(services);
const ours = all.filter(([, service]) => service.build !== undefined);

test('every role is there, and every store', () => {
  expect(Object.keys(services).sort()).toEqual(['api', 'bridge', 'example-provider', 'kafka', 'kurrentdb', 'postgres', 'projector']);
});

describe.each(ours)('%s', (_, { command = [], environment = {} }) => {
  test('runs a file that exists', () => {
    expect(command[0]).toBe('node');
    expect(existsSync(join(root, command[1]!))).toBe(true);
  });

  test('is given settings that exist, and that are right', () => {
    const known: readonly string[] = Object.values(settingsTable).map(({ env }) => env);
    expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([]);
    const filled = Object.entries(environment).map(([name, value]) => [name, substituted(String(value), { POSTGRES_PASSWORD: 'secret' })]);
    expect(parseSettings([], Object.fromEntries(filled) as Record<string, string>)).toMatchObject({ type: 'settings', warnings: [] });
  });
});

test.each(ours)('%s has longer to end than it may take', (_, { stop_grace_period: grace = '10s' }) => {
  const outcome = parseSettings([], {});
  if (outcome.type !== 'settings') throw new Error(JSON.stringify(outcome));
  const { shutdownDelaySeconds, shutdownSecondsMax } = outcome.settings;
  expect(Number(/^(\d+)s$/.exec(grace)?.[1])).toBeGreaterThan(shutdownDelaySeconds + shutdownSecondsMax);
});

test('the log goes to EventStoreDB where it is named, and to its profile', () => {
  const url = 'esdb://kurrentdb:2113?tls=false';
  expect(text).toContain(`EVENTSTORE_URL=${url}`);
  expect(services['kurrentdb']!.profiles).toEqual(['eventstoredb']);
  for (const name of ['api', 'projector', 'bridge']) {
    const value = substituted(String(services[name]!.environment?.['EVENTSTORE_URL']), { EVENTSTORE_URL: url });
    expect(parseSettings([], { EVENTSTORE_URL: value })).toMatchObject({ type: 'settings', settings: { eventStoreUrl: url } });
  }
});

test('the server of the log takes appends of a size with which every version of it starts', () => {
  const { environment = {} } = services['kurrentdb']!;
  const [append, event] = ['KURRENTDB_MAX_APPEND_SIZE', 'KURRENTDB_MAX_APPEND_EVENT_SIZE'].map((name) => Number(environment[name]));
  // A record of the log holds 16 MiB at most, of which 10,000 bytes are the server's own.
  expect(append).toBeLessThanOrEqual(16 * 1024 * 1024 - 10_000);
  expect(event).toBeLessThanOrEqual(append!);
});

describe.each(all)('%s', (_, service) => {
  test('waits for services that tell when they are healthy', () => {
    for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(services).toHaveProperty([name]);
      expect(condition).toBe('service_healthy');
      expect(services[name]!.healthcheck?.test.length).toBeGreaterThan(1);
      // Whoever waits for a service outside of every profile would wait in vain.
      expect(services[name]!.profiles).toBeUndefined();
    }
  });

  test('is asked for its health by words: a colon in YAML makes a mapping of one that is not quoted', () => {
    for (const word of service.healthcheck?.test ?? []) expect(word).toBeTypeOf('string');
  });

  test('keeps what it keeps in named volumes, and opens ports on loopback only', () => {
    for (const volume of service.volumes ?? []) expect(volumes).toHaveProperty([volume.split(':')[0]!]);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test('names the version of what it takes from elsewhere', () => {
    if (service.build === undefined) expect(service.image).toMatch(/^[a-z/]+:\d[\w.]*$/);
  });
});

test('Kafka is the version that the suites run against', () => {
  const [, tested] = /<version>(4[\d.]+)<\/version>/.exec(read('test/servers/kafka.pom.xml')) ?? [];
  expect(services['kafka']!.image).toBe(`apache/kafka:${tested}`);
});

test('no secret has a default, in the composition or in the image', () => {
  const secret = /PASSWORD|SECRET|TOKEN|_KEY/;
  const references = [...text.matchAll(/\$\{(\w+)([^}]*)\}/g)].filter(([, name]) => secret.test(name!));
  expect(references.length).toBeGreaterThan(0);
  for (const [, , rest] of references) expect(rest).toMatch(/^:\?/);
  const literal = all
    .flatMap(([, { environment = {} }]) => Object.entries(environment))
    .filter(([name, value]) => secret.test(name) && !name.endsWith('_FILE') && !String(value).startsWith('${'));
  expect(literal).toEqual([]);
  expect(text).not.toMatch(/:\/\/\w+:[^$@\s]+@/);
});

describe('the image', () => {
  const lines = read('Dockerfile').split('\n');

  test('has the node that the project pins', () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { version: string }> };
    expect(lines).toContain(`FROM node:${lock.packages['node_modules/node']!.version}-slim`);
  });

  test('copies what exists, and what .dockerignore lets through', () => {
    const copied = lines.filter((line) => line.startsWith('COPY ')).flatMap((line) => line.split(' ').slice(1, -1));
    const ignored = read('.dockerignore').split('\n');
    expect(copied).toContain('libs');
    for (const path of copied) {
      expect(existsSync(join(root, path))).toBe(true);
      expect(ignored).toContain(`!${path}`);
    }
    expect(ignored).toContain('*');
  });

  test('does not run as root', () => expect(lines).toContain('USER node'));
});

/** As compose does it: `${NAME:-default}` and `${NAME:?message}`. */
function substituted(value: string, env: Readonly<Record<string, string>>): string {
  return value.replace(/\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}/g, (_, name: string, fallback?: string) => env[name] ?? fallback ?? '');
}
