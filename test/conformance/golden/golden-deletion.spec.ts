import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWidgetServer } from './widget-server.ts';

// Requests that were put to an upstream server, and what was noted of its answers: deletion in all its forms, lists and
// what they are selected by.

type Recorded = {
  readonly method: string;
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: string | undefined;
  readonly code: number;
  readonly answer: string;
};

const recorded = readFileSync(new URL('answers-3.txt', import.meta.url), 'utf8')
  .split('\n>>> ')
  .slice(1)
  .map((text): Recorded => {
    const [request = '', first = ''] = text.split('\n');
    const [, method = '', path = '', contentType, body] = /^(\S+) (\S+) (?:Content-Type: (\S+) (.*))?$/.exec(request) ?? [];
    const [, code = '', answer = ''] = /^ {4}(\d{3}) {2}(.*)$/.exec(first) ?? [];
    return { method, path, contentType, body, code: Number(code), answer };
  })
  // Tokens and positions are a server's own.
  .filter(({ path }) => !/continue=eyJ|resourceVersion=3|resourceVersion=0&limit/.test(path));

const items = '/apis/example.com/v1/namespaces';

let server: Awaited<ReturnType<typeof startWidgetServer>>;
beforeAll(async () => {
  server = await startWidgetServer();
  await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
  for (const name of ['a', 's', 'd1', 'd3', 'd4', 'd5', 'p1', 'p2', 'p3', 'p4', 'p5']) await widget('default', name);
  await widget('default', 'd2', ['x.io/f']);
  await widget('other', 'q1', [], { color: 'blue' });
});
afterAll(() => server.stop());

async function create(path: string, body: object): Promise<void> {
  const { code, json } = await server.send('POST', path, 'application/json', JSON.stringify(body));
  if (code !== 201) throw new Error(JSON.stringify(json));
}

const widget = (namespace: string, name: string, finalizers: readonly string[] = [], spec: object = {}): Promise<void> =>
  create(`${items}/${namespace}/widgets`, {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name, labels: { l: name }, ...(finalizers.length > 0 ? { finalizers } : {}) },
    spec,
  });

describe('what upstream answered', () => {
  it('was recorded', () => expect(recorded.length).toBeGreaterThan(30));

  it.each(recorded.map((row) => [row.method, row.path, row.body ?? '', row] as const))('%s %s %s', async (_, __, ___, row) => {
    const response = await server.ask(
      row.method,
      row.path,
      row.contentType === undefined ? {} : { 'content-type': row.contentType },
      row.body,
    );
    const text = await response.text();
    expect({ code: response.status, answer: summaryOf(text) }).toEqual({ code: row.code, answer: comparable(row.answer) });
  });
});

type Json = Record<string, unknown>;

/** What was noted of an answer. */
function summaryOf(text: string): unknown {
  if (!text.startsWith('{')) return text.trim();
  const { kind, status, reason, message, details, metadata, items: listed, spec } = JSON.parse(text) as Json & { metadata: Json };
  if (kind === 'Status') return comparable(JSON.stringify({ status, reason, message, details }));
  if (listed !== undefined)
    return (listed as readonly { metadata: Json }[]).map((item) => `${item.metadata['namespace']}/${item.metadata['name']}`);
  const { generation, labels, finalizers, deletionGracePeriodSeconds } = metadata;
  return JSON.parse(JSON.stringify({ gen: generation, labels, finalizers, deletionGracePeriodSeconds, spec })) as unknown;
}

/** Without what is another's on every server. */
function comparable(answer: string): unknown {
  if (answer.startsWith('WidgetList'))
    return [...answer.matchAll(/\('([^']*)', '([^']*)'\)/g)].map(([, namespace, name]) => `${namespace}/${name}`);
  if (!answer.startsWith('{')) return answer.trim();
  const alike = answer.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'uid').replace(/(current: |in record \()\d+/g, '$1any');
  const {
    rv: _,
    deletionTimestamp: __,
    status,
    ...rest
  } = JSON.parse(alike) as Json & { readonly details?: { causes?: readonly unknown[] } };
  const causes = rest.details?.causes;
  // Upstream gives some causes twice.
  const once = causes && [...new Map(causes.map((cause) => [JSON.stringify(cause), cause])).values()];
  return { ...rest, ...(status === null ? {} : { status }), ...(once ? { details: { ...rest.details, causes: once } } : {}) };
}
