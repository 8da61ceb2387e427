import fc, { type Arbitrary } from 'fast-check';
import { protobufBodies, seeds, type Seed } from './seeds.ts';

export type FuzzedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** A request that is nearly as it should be, and wrong somewhere. Nothing that it orders is kept: it is a dry run. */
export const fuzzedRequest: Arbitrary<FuzzedRequest> = fc
  .tuple(fc.constantFrom(...seeds), fc.constantFrom('POST', 'PUT', 'PATCH', 'GET', 'DELETE', 'POST', 'PATCH', 'HEAD', 'OPTIONS'))
  .chain(([seed, method]) =>
    fc.record({ method: fc.constant(method), path: pathOf(seed, method), headers: headersOf(method), body: bodyOf(seed, method) }),
  );

const oddText = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '',
    'a'.repeat(300),
    '../..',
    '-1',
    '1e400',
    'null',
    '$patch',
    '\u0000',
    '\ud800',
    'A',
    '٣',
    '0x10',
  ),
);
const number = fc.oneof(fc.double(), fc.constantFrom(0, -1, 2 ** 53, 1e308, -0.5));
const oddValue: Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(oddText, number, fc.constantFrom(null, true, false)) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom({}, [], [[]], { '': {} }, [null], { $patch: 'replace' }, [{ $patch: 'delete', name: 'x' }]) },
);

function pathOf({ collection, name }: Seed, method: string): Arbitrary<string> {
  const isNamed = method !== 'POST' && name !== '';
  const target = isNamed ? `${collection}/${name}` : collection;
  const sub = fc.constantFrom('', '', '', '', '/status', '/scale', '/finalize', '/token', '/nope');
  const place = fc.oneof(
    { weight: 20, arbitrary: sub.map((rest) => `${target}${isNamed ? rest : ''}`) },
    { weight: 1, arbitrary: fc.constant(collection) },
    { weight: 1, arbitrary: oddText.map((text) => `${collection}/${escaped(text)}`) },
    { weight: 1, arbitrary: fc.array(oddText, { maxLength: 6 }).map((parts) => `/${parts.map(escaped).join('/')}`) },
    { weight: 1, arbitrary: fc.constantFrom('/openapi/v2', '/openapi/v3', '/api', '/apis', '/apis/example.com', '/version', '/readyz') },
  );
  return fc.tuple(place, query).map(([path, search]) => `${path}?dryRun=All${search}`);
}

const escaped = (text: string): string => encodeURIComponent(text.toWellFormed()).replace(/%2F/g, '/');

const parameter = fc.tuple(
  fc.constantFrom(
    'labelSelector',
    'fieldSelector',
    'limit',
    'continue',
    'resourceVersion',
    'resourceVersionMatch',
    'dryRun',
    'pretty',
    'force',
    'fieldManager',
    'fieldValidation',
    'propagationPolicy',
    'gracePeriodSeconds',
    'orphanDependents',
    'includeObject',
    'sendInitialEvents',
    'hash',
    'timeoutSeconds',
  ),
  fc.oneof(
    oddText,
    fc.constantFrom(
      'true',
      'a in (b,c)',
      'a notin (',
      '!a',
      'a>1',
      'metadata.name=x',
      'metadata.name!=\\',
      'spec.color=red',
      'Strict',
      'Warn',
      'Exact',
      'NotOlderThan',
      '0',
      '1',
      '99999999999999999999',
      'eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ',
      'Foreground',
      'Orphan',
      'm',
    ),
  ),
);
const query = fc
  .oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(parameter, { maxLength: 3 }) })
  .map((all) => all.map(([name, value]) => `&${name}=${encodeURIComponent(value.toWellFormed())}`).join(''));

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const bodyTypes = ['application/json', 'application/json', 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

function headersOf(method: string): Arbitrary<Record<string, string>> {
  const likely = method === 'PATCH' ? patchTypes : bodyTypes;
  const type = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...likely) },
    fc.constantFrom(';', 'text/html', '*/*', 'application/json;charset=', 'a/b;c="'),
  );
  const accept = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom(
        'application/json',
        '*/*',
        'application/yaml',
        'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
        'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
      ),
    },
    fc.constantFrom(
      'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
      'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
      ';;=,',
      'application/json;q=x',
    ),
  );
  const further = fc.constantFrom<Record<string, string>>(
    ...Array.from({ length: 20 }, () => ({})),
    { 'accept-encoding': 'gzip;q=,' },
    { 'if-none-match': '"' },
    { 'impersonate-user': 'ann' },
    { 'impersonate-group': 'x' },
    { 'impersonate-user': 'a', 'impersonate-extra-%ff': 'b' },
    { 'audit-id': '\t' },
    { 'user-agent': 'a/b (c) \u00e9' },
    { upgrade: 'websocket', connection: 'Upgrade' },
  );
  return fc
    .tuple(type, accept, further)
    .map(([contentType, accepted, more]) => ({ 'content-type': contentType, accept: accepted, ...more }));
}

function bodyOf({ object }: Seed, method: string): Arbitrary<Buffer> {
  const spoilt = fc
    .array(fc.tuple(fc.nat(), oddValue, fc.constantFrom('set', 'drop', 'add')), { maxLength: 3 })
    .map((all) => spoil(object, all));
  const operation = fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'nope'),
    path: fc.oneof(
      fc.constantFrom('/spec', '/metadata/labels/a', '/metadata', '', '/spec/items/-', '/spec/items/01', '/~2', '/__proto__/x'),
      oddText,
    ),
    from: fc.constantFrom('/spec', '', '/metadata/name', '/spec/items/0'),
    value: oddValue,
  });
  const text = fc.oneof(
    { weight: 6, arbitrary: spoilt.map((value) => JSON.stringify(value)) },
    { weight: method === 'PATCH' ? 4 : 1, arbitrary: fc.array(operation, { maxLength: 5 }).map((all) => JSON.stringify(all)) },
    { weight: 2, arbitrary: fc.tuple(spoilt, fc.nat(), oddText).map(([value, at, odd]) => torn(JSON.stringify(value), at, odd)) },
    { weight: 1, arbitrary: fc.nat({ max: 30_000 }).map((depth) => `{"kind":"Widget","spec":${'[{"a":'.repeat(depth)}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'a: &a [*a, *a]',
        'a: &a [1]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]',
        '--- !!js/function x',
        '\t- a',
        '? {a: b}\n: c',
        '{"a":1,"a":2}',
      ),
    },
    { weight: 1, arbitrary: fc.string() },
  );
  const bytes = fc
    .tuple(fc.constantFrom(...protobufBodies), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 6 }), fc.nat())
    .map(([body, flips, cut]) => flipped(body, flips, cut));
  return fc.oneof(
    { weight: 5, arbitrary: text.map((all) => Buffer.from(all)) },
    { weight: 1, arbitrary: bytes },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((all) => Buffer.from(all)) },
  );
}

type Spoiling = readonly (readonly [at: number, value: unknown, how: string])[];

/** Changes some of the places of an object, chosen by number. */
function spoil(object: object, spoilings: Spoiling): unknown {
  const copy = structuredClone(object) as Record<string, unknown>;
  for (const [at, odd, how] of spoilings) {
    const value: unknown = structuredClone(odd);
    const places = placesOf(copy);
    const [holder, key] = places[at % places.length] ?? [copy, 'x'];
    if (how === 'drop') Reflect.deleteProperty(holder, key);
    else
      Object.defineProperty(holder, how === 'set' ? key : JSON.stringify(value).slice(0, 20), {
        value,
        enumerable: true,
        writable: true,
        configurable: true,
      });
  }
  return copy;
}

function placesOf(value: object): [object, string][] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => [
    [value, key] as [object, string],
    ...(typeof inner === 'object' && inner !== null ? placesOf(inner) : []),
  ]);
}

function torn(text: string, at: number, odd: string): string {
  const place = at % (text.length + 1);
  return text.slice(0, place) + odd + text.slice(place + (at % 3));
}

function flipped(body: Buffer, flips: readonly (readonly [number, number])[], cut: number): Buffer {
  const bytes = Buffer.from(body);
  for (const [at, value] of flips) bytes[at % bytes.length] = value;
  return cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
}
