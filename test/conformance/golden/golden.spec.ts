import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Correspondence, differences, repaired, type Chosen, type Differences } from './compare.ts';
import { deliberate } from './deliberate.ts';
import { startGoldenServer, type GoldenAnswer } from './golden-server.ts';
import { recordings, type Recording } from './recordings.ts';

// Every request that was put to an upstream server, put to ours, and the answers compared field by field.

let server: Awaited<ReturnType<typeof startGoldenServer>>;
const chosen: Chosen = { versions: new Correspondence(), uids: new Correspondence() };
/** Tokens of pages are each server's own. */
const tokens = new Map<string, string>();
const unused = new Set(deliberate);

const widgets = '/apis/example.com/v1/namespaces/default/widgets';
const definition = readFileSync(new URL('widgets-crd.yaml', import.meta.url), 'utf8');
/** Where the order of the entries tells that upstream's clock had moved on by a second. */
const moments = new Set(['answers-2.txt m1 drops items/tags', 'answers-2.txt patches', 'answers-3.txt delete plain']);

beforeAll(async () => {
  server = await startGoldenServer();
  await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition, 'application/yaml');
});
afterAll(() => server.stop());

async function create(path: string, body: string | object, type = 'application/json'): Promise<void> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await server.send('POST', path, { 'content-type': type }, text);
  if (answer.code !== 201) throw new Error(answer.text);
}

const widget = (name: string, more: object = {}, spec: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name, labels: { l: name }, ...more },
  spec,
});

/** What had been made before some requests, without being recorded. */
const before: Readonly<Record<string, () => Promise<void>>> = {
  'answers-3.txt delete plain': async () => {
    for (const name of ['d1', 'd2', 'd3', 'd4', 'd5']) await create(widgets, widget(name, name === 'd2' ? { finalizers: ['x.io/f'] } : {}));
  },
  'answers-3.txt list & paging': async () => {
    for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) await create(widgets, widget(name));
    await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
    await create(widgets.replace('/default/', '/other/'), widget('q1', {}, { color: 'blue' }));
  },
};
const done = new Set<string>();

describe('what upstream answered', () => {
  it.each(recordings().map((recording) => [recording.section, recording.title, recording] as const))(
    '%s: %s',
    async (section, _, recording) => {
      if (!done.has(section)) {
        done.add(section);
        if (moments.has(section)) server.tick();
        await before[section]?.();
      }
      const path = recording.path.replace(/(?<=continue=)[^&]+/, (token) => tokens.get(token) ?? token);
      const answer = await server.send(recording.method, path, recording.headers, recording.body);
      const found = unlike(recording, answer);
      const allowed = deliberate.filter(({ request, at }) => request.test(recording.title) && found.some((one) => at.test(one)));
      for (const one of allowed) unused.delete(one);
      expect(found.filter((one) => !allowed.some(({ at }) => at.test(one)))).toEqual([]);
    },
  );

  it('differs in nothing else than what is said to differ', () => {
    expect([...unused].map(({ request }) => String(request))).toEqual([]);
  });
});

function unlike({ code, answered, answer }: Recording, ours: GoldenAnswer): Differences {
  if (code === undefined) return [];
  const theirHeaders = Object.fromEntries(answered.filter(([name]) => name !== 'warning'));
  const ourHeaders = Object.fromEntries(Object.keys(theirHeaders).map((name) => [name, ours.headers.get(name) ?? '']));
  const warnings = answered.filter(([name]) => name === 'warning').map(([, value]) => value);
  const heads = [
    { code, headers: theirHeaders, warnings: warnings.join(', ') },
    { code: ours.code, headers: ourHeaders, warnings: ours.headers.get('warning') ?? '' },
  ] as const;
  return [...differences(heads[0], heads[1], chosen), ...unlikeBody(answer, ours)];
}

function unlikeBody(answer: Recording['answer'], { code, headers, text }: GoldenAnswer): Differences {
  const type = headers.get('content-type');
  switch (answer.type) {
    case 'text':
      if (answer.text.startsWith('{') && type === 'application/json') return unlikeJson(answer.text, text);
      if (type === 'application/yaml') return differences(parse(answer.text), parse(text), chosen);
      return differences(answer.text.trim(), text.trim(), chosen, 'text');
    case 'summary': {
      const ours = JSON.parse(text) as Ours;
      if (code >= 300 || ours.kind === 'Status') {
        const { status, reason, message, details } = ours;
        return differences(once(answer.summary), once(JSON.parse(JSON.stringify({ status, reason, message, details })) as Failure), chosen);
      }
      return [
        ...differences(answer.summary, summaryOf(ours, answer.summary), chosen),
        ...(answer.managers === undefined
          ? []
          : differences(answer.managers, (ours.metadata?.managedFields ?? []).map(shown), chosen, 'managedFields')),
      ];
    }
    case 'list': {
      const { kind, metadata, items = [] } = JSON.parse(text) as Ours;
      const theirToken = answer.metadata['continue'];
      if (typeof theirToken === 'string' && typeof metadata?.continue === 'string') tokens.set(theirToken, metadata.continue);
      const names = items.map((item) => `${item.metadata?.namespace}/${item.metadata?.name}`);
      const theirs = { kind: answer.listKind, metadata: answer.metadata, names: answer.names };
      return differences(theirs, { kind, metadata, names }, chosen);
    }
  }
}

type Failure = { readonly details?: { readonly causes?: readonly unknown[] } };
type Ours = {
  readonly kind: string;
  readonly status?: unknown;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: object;
  readonly spec?: unknown;
  readonly items?: readonly Ours[];
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly continue?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly labels?: object;
    readonly finalizers?: object;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
    readonly managedFields?: readonly Readonly<Record<string, unknown>>[];
  };
};

/** Where the recording was cut off, what it does not show is no difference. */
function unlikeJson(theirs: string, ours: string): Differences {
  const isWhole = theirs.trimEnd().endsWith('\n}');
  const found = differences(repaired(theirs), JSON.parse(ours), chosen);
  return isWhole ? found : found.filter((one) => !one.includes(': undefined became '));
}

/** Upstream gives some causes twice. */
function once<Of extends Failure>(answer: Of): Of {
  const { details } = answer;
  if (details?.causes === undefined) return answer;
  const causes = new Map(details.causes.map((cause) => [JSON.stringify(cause), cause]));
  return { ...answer, details: { ...details, causes: [...causes.values()] } };
}

function summaryOf({ metadata = {}, spec, status }: Ours, theirs: object): object {
  const { resourceVersion, generation, labels, finalizers, deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  const all = {
    rv: resourceVersion,
    gen: generation ?? null,
    labels,
    finalizers,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    spec,
    status: status ?? null,
  };
  // Of labels and such they kept no note where there were none, nor always where there were.
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => name in theirs || (value !== undefined && name !== 'labels')));
}

function shown({ manager, operation, subresource, fieldsV1 }: Readonly<Record<string, unknown>>): unknown {
  return { m: manager, op: operation, ...(subresource === undefined ? {} : { sub: subresource }), f: fieldsV1 };
}
