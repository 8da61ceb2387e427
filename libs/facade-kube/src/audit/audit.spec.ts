import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { prefix, startKubeServer, widgetsPath as widgets, type Sent } from '../testing/kube-server.ts';
import { parseRequestPath } from '../request-path.ts';
import { auditLevelOf } from './audit-level.ts';
import { withoutSecrets } from './audit-event.ts';

type Line = Readonly<Record<string, unknown>>;
const lines: Line[] = [];
const log = (level: 'Metadata' | 'RequestResponse') => ({ level, write: (line: string) => lines.push(JSON.parse(line) as Line) > 0 });

let server: Awaited<ReturnType<typeof startKubeServer>>;
let chatty: Awaited<ReturnType<typeof startKubeServer>>;
beforeAll(async () => {
  server = await startKubeServer({}, log('Metadata'));
  chatty = await startKubeServer({}, log('RequestResponse'));
});
afterAll(async () => {
  await server.stop();
  await chatty.stop();
});
beforeEach(() => void lines.splice(0));

/** The line of one request. */
async function lineOf(path: string, sent: Sent = {}, to = server): Promise<Line> {
  await to.send(path, sent);
  await vi.waitUntil(() => lines.length > 0);
  expect(lines).toHaveLength(1);
  return lines[0] ?? {};
}

const widget = (name: string) => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec: { color: 'red' } });
const ann = { authorization: 'Bearer ann-token-of-this-spec' };

describe('the audit log', () => {
  it('has a line for each request: who did what to what, and how it went', async () => {
    const line = await lineOf(`${widgets}?fieldManager=me`, {
      method: 'POST',
      headers: { 'audit-id': 'id-1', 'user-agent': 'kubectl/v1' },
      body: JSON.stringify(widget('a')),
    });
    expect(line).toEqual({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: 'id-1',
      stage: 'ResponseComplete',
      requestURI: `${widgets}?fieldManager=me`,
      verb: 'create',
      user: { username: 'admin', uid: 'u-1', groups: ['system:masters', 'system:authenticated'] },
      sourceIPs: ['127.0.0.1'],
      userAgent: 'kubectl/v1',
      objectRef: { resource: 'widgets', namespace: 'default', name: 'a', apiGroup: 'example.com', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 201 },
      requestReceivedTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
      stageTimestamp: expect.stringMatching(/^\d{4}-/) as string,
      annotations: {
        'authorization.k8s.io/decision': 'allow',
        'authorization.k8s.io/reason': '',
      },
    });
    expect(Date.parse(String(line['requestReceivedTimestamp']))).toBeGreaterThan(Date.now() - 60_000);
  });

  it('has those that were refused, and why', async () => {
    expect(await lineOf(`${widgets}/nope`)).toMatchObject({
      verb: 'get',
      objectRef: { name: 'nope' },
      responseStatus: { status: 'Failure', reason: 'NotFound', message: 'widgets.example.com "nope" not found', code: 404 },
    });
    lines.splice(0);
    const forbidden = await lineOf(widgets, { headers: ann });
    expect(forbidden).toMatchObject({
      user: { username: 'ann' },
      responseStatus: { reason: 'Forbidden', code: 403 },
      annotations: { 'authorization.k8s.io/decision': 'forbid' },
    });
    lines.splice(0);
    const stranger = await lineOf(widgets, { headers: { authorization: 'Bearer wrong-token-of-a-stranger' } });
    expect(stranger).toMatchObject({ user: {}, responseStatus: { reason: 'Unauthorized', code: 401 }, annotations: {} });
    expect(JSON.stringify(stranger)).not.toContain('wrong-token-of-a-stranger');
  });

  it('tells who acted as whom, also in vain', async () => {
    const line = await lineOf(widgets, { headers: { 'impersonate-user': 'ann' } });
    expect(line).toMatchObject({
      user: { username: 'admin' },
      impersonatedUser: { username: 'ann', groups: ['system:authenticated'] },
      responseStatus: { code: 403 },
    });
  });

  it('has watches when they end, and no probes', async () => {
    const watch = await server.open(`${widgets}?watch=1`);
    await server.send('/readyz');
    await server.send('/version');
    watch.destroy();
    await vi.waitUntil(() => lines.length > 0);
    expect(lines.map(({ verb, sourceIPs }) => [verb, sourceIPs])).toEqual([['watch', ['127.0.0.1']]]);
  });

  it('shows what was sent and answered where that is asked for', async () => {
    const created = await lineOf(widgets, { method: 'POST', body: JSON.stringify(widget('b')) }, chatty);
    expect(created).toMatchObject({
      level: 'RequestResponse',
      requestObject: { spec: { color: 'red' } },
      responseObject: { kind: 'Widget', metadata: { name: 'b', resourceVersion: '2' } },
    });
    lines.splice(0);
    const headers = { 'content-type': 'application/json-patch+json' };
    const body = JSON.stringify([{ op: 'remove', path: '/spec/color' }]);
    expect(await lineOf(`${widgets}/b`, { method: 'PATCH', headers, body }, chatty)).toMatchObject({
      verb: 'patch',
      requestObject: [{ op: 'remove', path: '/spec/color' }],
      responseObject: { spec: {} },
    });
    lines.splice(0);
    expect(await lineOf(`${widgets}/c`, {}, chatty)).toMatchObject({ responseObject: { kind: 'Status', code: 404 } });
  });
});

describe('what may be recorded', () => {
  it.each([
    ['/api/v1/namespaces/default/secrets/a', 'Metadata'],
    ['/api/v1/namespaces/default/configmaps', 'Metadata'],
    ['/api/v1/namespaces/default/serviceaccounts/a/token', 'Metadata'],
    ['/apis/authentication.k8s.io/v1/tokenreviews', 'Metadata'],
    ['/api/v1/namespaces/default/serviceaccounts/a', 'RequestResponse'],
    ['/apis/example.com/v1/secrets', 'RequestResponse'],
    ['/apis', 'RequestResponse'],
    ['/a//b', 'Metadata'],
    ['/livez/ping', 'None'],
  ])('%s: %s', (path, level) => {
    expect(auditLevelOf(parseRequestPath('GET', `${prefix}${path}`), 'RequestResponse')).toBe(level);
    expect(auditLevelOf(parseRequestPath('GET', `${prefix}${path}`), 'None')).toBe('None');
  });

  it('is a URL without what should not stand in it', () => {
    expect(withoutSecrets('/apis?access_token=abc&limit=5&Password=x%26y&watch=1')).toBe(
      '/apis?access_token=(hidden)&limit=5&Password=(hidden)&watch=1',
    );
    expect(withoutSecrets('/api/v1/secrets?labelSelector=a%3Db')).toBe('/api/v1/secrets?labelSelector=a%3Db');
  });
});
