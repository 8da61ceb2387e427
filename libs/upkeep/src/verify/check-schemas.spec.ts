import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { AccountState } from '#account';
import { schemaHashOf, type ApiSchema } from '#provider';
import { MemoryEventLog, noRevision } from '#stream';
import { SchemaCheck } from './check-schemas.ts';
import type { Finding } from './finding.ts';

const schema: ApiSchema = { group: 'demo.test', names: { plural: 'gadgets', kind: 'Gadget' }, scope: 'Namespaced', versions: [] };

async function given(published: ApiSchema) {
  const log = new MemoryEventLog();
  const hash = schemaHashOf(schema);
  await log.append(`schema-${hash}`, noRevision, [
    { id: randomUUID(), type: 'SchemaPublished', data: JSON.stringify({ schema: published }) },
  ]);
  const findings: Finding[] = [];
  return { hash, findings, check: new SchemaCheck(log, (finding) => findings.push(finding)) };
}

function boundTo(schemaHash: string): AccountState {
  const state = new AccountState();
  const resource = { group: 'demo.test', resource: 'gadgets', schemaHash, schemaName: 's', schemaUid: 'u', storageVersions: ['v1'] };
  const provider = { path: 'root:providers:demo', cluster: 'p', export: 'demo.test', identityHash: 'i' };
  state.bindings = new Map([['demo', { binding: 'demo', provider, resources: [resource] }]]);
  return state;
}

it('finds nothing where the content is what its name says', async () => {
  const { hash, check, findings } = await given(schema);
  await check.stream(`schema-${hash}`);
  await check.boundBy('account-a', boundTo(hash));
  expect(findings).toEqual([]);
});

it('names a schema with another content, and a binding whose schema is nowhere', async () => {
  const { hash, check, findings } = await given({ ...schema, scope: 'Cluster' });
  await check.stream(`schema-${hash}`);
  await check.boundBy('account-a', boundTo('0'.repeat(64)));
  expect(findings.map(({ type, stream }) => [type, stream])).toEqual([
    ['schema-differs', `schema-${hash}`],
    ['schema-missing', 'account-a'],
  ]);
});
