import { benchSchema } from '../bench-export.ts';
import { Consumer } from '../consumer.ts';
import type { Figure } from '../figure.ts';
import { Latencies, milliseconds, spread } from '../latencies.ts';
import { until } from '../pace.ts';
import type { Bench } from '../part.ts';

const kinds = 50;
const group = 'many.tributary.io';
const firstGoalMs = 30;
const cachedGoalMs = 1;

/** The OpenAPI documents of a workspace that has 50 kinds bound: the index and their group's, asked for the first time and again. */
export async function openApi(bench: Bench): Promise<readonly Figure[]> {
  const server = await bench.startServer();
  const consumer = await Consumer.of(server);
  bench.atEnd(() => consumer.close());
  await consumer.openHouse();
  const warm = await consumer.openBoundAccount('warm');
  await documents(consumer, warm, '/openapi/v3/apis/bench.tributary.io/v1alpha1');
  const workspace = await workspaceWithManyKinds(consumer);

  const path = `/openapi/v3/apis/${group}/v1alpha1`;
  const first = await documents(consumer, workspace, path);
  const [whole, again] = [new Latencies(), new Latencies()];
  for (let round = 0; round < (bench.quick ? 20 : 300); round++) {
    whole.push((await documents(consumer, workspace, path)).ms);
    again.push(await unchanged(consumer, workspace, { path, hash: first.hash }));
  }
  bench.note(`OpenAPI of ${kinds} kinds: ${(first.bytes / 1000).toFixed(0)} KB; sent whole each time: ${spread(whole)}`);
  return [
    {
      figure: `OpenAPI of ${kinds} bound kinds, first time`,
      measured: milliseconds(first.ms),
      floor: '',
      verdict: milliseconds(first.ms),
      goal: `≤ ${firstGoalMs} ms`,
      met: first.ms <= firstGoalMs,
    },
    {
      figure: `OpenAPI of ${kinds} bound kinds, afterwards (clients keep what they have)`,
      measured: spread(again),
      floor: '',
      verdict: `p50 ${milliseconds(again.percentile(50))}`,
      goal: `≤ ${cachedGoalMs} ms`,
      met: again.percentile(50) <= cachedGoalMs,
    },
  ];
}

type Fetched = { readonly ms: number; readonly bytes: number; readonly hash: string };
type Index = { readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>> };

/** The index, and the document that it names. */
async function documents(consumer: Consumer, workspace: string, path: string): Promise<Fetched> {
  const began = performance.now();
  const index = await consumer.ask('GET', `/clusters/${workspace}/openapi/v3`);
  const { body } = await consumer.ask('GET', `/clusters/${workspace}${path}`);
  const ms = performance.now() - began;
  const { paths } = JSON.parse(index.body.toString()) as Index;
  const hash = paths[path.replace('/openapi/v3/', '')]?.serverRelativeURL.split('hash=')[1] ?? '';
  return { ms, bytes: body.length, hash };
}

/** The index, and the question whether the document is still the one that the client has. */
async function unchanged(consumer: Consumer, workspace: string, { path, hash }: { readonly path: string; readonly hash: string }) {
  const began = performance.now();
  await consumer.ask('GET', `/clusters/${workspace}/openapi/v3`);
  const status = await consumer.askWhetherChanged(`/clusters/${workspace}${path}?hash=${hash}`, hash);
  if (status !== 304) throw new Error(`a document that did not change was answered ${status}`);
  return performance.now() - began;
}

async function workspaceWithManyKinds(consumer: Consumer): Promise<string> {
  const provider = '/clusters/root:providers:bench';
  const resources: object[] = [];
  for (let index = 0; index < kinds; index++) {
    const schema = schemaNumber(index);
    await consumer.ask('POST', `${provider}/apis/apis.kcp.io/v1alpha1/apiresourceschemas`, schema);
    resources.push({ group, name: schema.spec.names.plural, schema: schema.metadata.name, storage: { crd: {} } });
  }
  const apiExport = { apiVersion: 'apis.kcp.io/v1alpha2', kind: 'APIExport', metadata: { name: group }, spec: { resources } };
  await consumer.ask('POST', `${provider}/apis/apis.kcp.io/v1alpha2/apiexports`, apiExport);
  const workspace = await consumer.openAccount('root:orgs:bench', 'many', 'account');
  const bindings = `/clusters/${workspace}/apis/apis.kcp.io/v1alpha2/apibindings`;
  await consumer.ask('POST', bindings, {
    apiVersion: 'apis.kcp.io/v1alpha2',
    kind: 'APIBinding',
    metadata: { name: 'many' },
    spec: { reference: { export: { path: 'root:providers:bench', name: group } } },
  });
  await until('the binding is Bound', async () => {
    const { status } = JSON.parse((await consumer.ask('GET', `${bindings}/many`)).body.toString()) as { status?: { phase?: string } };
    return status?.phase === 'Bound' || undefined;
  });
  return workspace;
}

function schemaNumber(index: number) {
  const { spec } = benchSchema;
  const names = { plural: `manies${index}`, singular: `many${index}`, kind: `Many${index}`, listKind: `Many${index}List` };
  return { ...benchSchema, metadata: { name: `v1.${names.plural}.${group}` }, spec: { ...spec, group, names } };
}
