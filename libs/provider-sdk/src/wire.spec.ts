import { expect, test } from 'vitest';
import { decodeHeaders, encodeHeaders } from './cloud-event.ts';
import { Malformed, parseSpecMessage, parseStatusMessage } from './messages.ts';
import { formatSequence, hybridClock, isNewer } from './sequence.ts';
import { deadLetterTopic, parseTopic, specTopic, statusTopic, topicNameFits, topicsOf, topicTable } from './topics.ts';
import { parseRecordKey, recordKey } from './wire-record.ts';

const event = {
  id: 'e-1',
  source: '/clusters/abc',
  type: 'ResourceDeclared',
  subject: 'a',
  time: '2026-01-01T00:00:00Z',
  sequence: formatSequence(7n),
};

test('topics carry prefix, export and plural, and are read back where the export has dots', () => {
  expect(specTopic('mesh', 'orchestrate.platform-mesh.io', 'httpbins')).toBe('mesh.orchestrate.platform-mesh.io.httpbins.spec');
  expect(parseTopic('mesh', 'mesh.orchestrate.platform-mesh.io.httpbins.status')).toEqual({
    kind: 'status',
    plural: 'httpbins',
    export: 'orchestrate.platform-mesh.io',
  });
  for (const other of ['mesh.x.status.dlq', 'mesh.bridge.checkpoints', 'mesh.status', 'mesh.httpbins.spec', 'other.x.y.spec'])
    expect(parseTopic('mesh', other)).toBeUndefined();
});

test('an export has a spec and a status topic per plural and one for dead letters, all with settings', () => {
  const plan = topicsOf('m', 'x.io', ['as', 'bs']);
  expect(plan.map(({ topic }) => topic)).toEqual([
    'm.x.io.as.spec',
    statusTopic('m', 'x.io', 'as'),
    'm.x.io.bs.spec',
    'm.x.io.bs.status',
    deadLetterTopic('m', 'x.io'),
  ]);
  expect(plan.map(({ kind }) => topicTable[kind].configs['cleanup.policy'])).toEqual(['compact', 'delete', 'compact', 'delete', 'delete']);
  expect(topicNameFits('m.x.io.as.spec')).toBe(true);
  expect(topicNameFits(`m.${'x'.repeat(250)}.as.spec`)).toBe(false);
});

test('a CloudEvent in binary mode survives the way, and misses nothing required', () => {
  const headers = encodeHeaders({ ...event, dataschema: '/openapi', traceparent: '00-1-2-01' });
  expect(headers).toMatchObject({
    ce_specversion: '1.0',
    ce_sequence: '00000000000000000007',
    traceparent: '00-1-2-01',
    'content-type': 'application/json',
  });
  expect(decodeHeaders(headers)).toEqual({ ...event, dataschema: '/openapi', traceparent: '00-1-2-01' });
  for (const name of ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_sequence'])
    expect(decodeHeaders({ ...headers, [name]: '' })).toBeUndefined();
  expect(decodeHeaders({ ...headers, ce_sequence: '-1' })).toBeUndefined();
});

test('a key names account and uid', () => {
  expect(parseRecordKey(recordKey({ account: '1a2b', uid: 'u-1' }))).toEqual({ account: '1a2b', uid: 'u-1' });
  for (const garbage of [null, '', 'abc', 'a/', '/u', 'a/b/c', 'a/ b', '../x']) expect(parseRecordKey(garbage)).toBeUndefined();
});

test('sequences order as numbers, whatever their padding', () => {
  expect(isNewer('10', '9')).toBe(true);
  expect(isNewer('00000000000000000009', '9')).toBe(false);
  expect(isNewer('1', undefined)).toBe(true);
});

test('the hybrid clock counts on when the wall clock stands still or is set back', () => {
  let now = 5;
  const next = hybridClock(() => now);
  expect([next(), next()]).toEqual([5000n, 5001n]);
  now = 3;
  expect(next()).toBe(5002n);
  now = 6;
  expect(next()).toBe(6000n);
});

test.each([
  ['{"uid":"u","observedGeneration":1,"sequence":"1","status":{}}', undefined],
  ['{"uid":"u","observedGeneration":1,"sequence":"1","released":true}', undefined],
  ['{"uid":"u","observedGeneration":1,"sequence":"1"}', 'status must be an object'],
  ['{"uid":"u","observedGeneration":1.5,"sequence":"1","status":{}}', 'observedGeneration must be a whole number'],
  ['{"uid":"u","observedGeneration":1,"sequence":1,"status":{}}', 'sequence must be a string of up to 20 digits'],
  ['{"uid":"u","observedGeneration":1,"sequence":"1","status":[]}', 'status must be an object'],
  ['{"uid":"u","observedGeneration":1,"sequence":"1","status":{},"released":"yes"}', 'released must be a boolean'],
  ['{"observedGeneration":1}', 'uid must be a string'],
  ['[]', 'not a JSON object'],
])('the report %s is read, or it is said why not', (text, reason) => {
  const read = parseStatusMessage(text);
  expect(read instanceof Malformed ? read.reason : undefined).toBe(reason);
});

test('numbers of 64 bits are exact, both ways', () => {
  const status = { bytes: 9_007_199_254_740_993n, parts: [-9_223_372_036_854_775_808n, 1] };
  const report = JSON.stringify({ uid: 'u', observedGeneration: 1, sequence: '1', status });
  expect(report).toContain('"bytes":9007199254740993');
  expect(parseStatusMessage(report)).toMatchObject({ status });
  const desired = JSON.stringify({ apiVersion: 'a/v1', kind: 'A', metadata: { name: 'n', uid: 'u', generation: 1 }, spec: status });
  expect(parseSpecMessage(desired)).toMatchObject({ spec: status });
});

test('what is no JSON says so', () => {
  expect((parseStatusMessage('{') as Malformed).reason).toContain('not JSON');
  expect((parseSpecMessage('{"apiVersion":"a/v1","kind":"A","metadata":{"name":"n","uid":"u"}}') as Malformed).reason).toContain(
    'generation',
  );
});
